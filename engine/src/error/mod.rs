//! What may go wrong between files and the core: one type, whose kind says what a caller makes of it.

mod file;
mod settings;

use std::fmt;

use clusterclip_core::error::{Explain, Kind, Names, Param, plain};

pub use crate::hub::HubError;
pub use crate::models::FilesError;
pub use file::FileError;
pub use settings::SettingsError;

/// A result of the engine.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not done: any error of the libraries, and where it came up.
///
/// It says its message with the names that a shell's users know ([`Error::explain`]); [`Error::kind`] tells what to make
/// of it, and [`Error::downcast_ref`] gives the error itself, with its fields.
///
/// ```
/// use clusterclip_core::error::Kind;
/// use clusterclip_engine::error::{Error, SettingsError};
///
/// let error = Error::from(SettingsError::TokensUncounted { tokens: 5 });
/// assert_eq!(error.kind(), Kind::Usage);
/// assert!(error.to_string().starts_with("tokens 5: the documents need token counts"));
/// assert!(error.said(|_| "--x".to_owned()).starts_with("--x 5: the documents"));
/// assert!(error.downcast_ref::<SettingsError>().is_some());
/// ```
pub struct Error {
    /// Where it came up, the outermost last.
    places: Vec<Place>,
    cause: Box<dyn Explain + Send + Sync>,
}

/// Where an error came up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In what a parameter names.
    Param(Param),
    /// In what a parameter names, with its value.
    Value(Param, String),
    /// In a file, or in something else that has a name.
    Named(String),
}

impl From<Param> for Place {
    fn from(param: Param) -> Self {
        Self::Param(param)
    }
}

impl From<String> for Place {
    fn from(name: String) -> Self {
        Self::Named(name)
    }
}

impl<E: Explain + Send + Sync + 'static> From<E> for Error {
    fn from(cause: E) -> Self {
        Self { places: Vec::new(), cause: Box::new(cause) }
    }
}

impl Error {
    /// What a caller makes of it.
    pub fn kind(&self) -> Kind {
        self.cause.kind()
    }

    /// Writes the whole message with these names of parameters.
    ///
    /// # Errors
    /// Those of the formatter.
    pub fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for place in self.places.iter().rev() {
            match place {
                Place::Param(param) => write!(f, "{}: ", names(*param))?,
                Place::Value(param, value) => write!(f, "{} {value}: ", names(*param))?,
                Place::Named(name) => write!(f, "{name}: ")?,
            }
        }
        self.cause.explain(names, f)
    }

    /// The message with these names of parameters.
    pub fn said(&self, names: Names) -> String {
        fmt::from_fn(|f| self.explain(names, f)).to_string()
    }

    /// The error itself, if it is of this type.
    pub fn downcast_ref<E: Explain + 'static>(&self) -> Option<&E> {
        let cause: &(dyn std::error::Error + 'static) = &*self.cause;
        cause.downcast_ref()
    }

    /// Adds where it came up.
    pub fn at(mut self, place: impl Into<Place>) -> Self {
        self.places.push(place.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.explain(plain, f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("places", &self.places).field("cause", &self.cause).finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.source()
    }
}

/// Adds to an error where it came up.
pub trait Within<T> {
    /// Adds `place`.
    ///
    /// # Errors
    /// That of the result.
    fn within<P: Into<Place>>(self, place: impl FnOnce() -> P) -> Result<T>;
}

impl<T, E: Into<Error>> Within<T> for Result<T, E> {
    fn within<P: Into<Place>>(self, place: impl FnOnce() -> P) -> Result<T> {
        self.map_err(|error| error.into().at(place()))
    }
}

#[cfg(test)]
mod tests {
    use clusterclip_core::error::dashed;

    use super::*;

    #[test]
    fn places_stand_before_the_cause_the_outermost_first() {
        let missing = || FileError::Missing { name: "x".to_owned() };
        let inner: Result<()> = Err(missing()).within(|| "a file".to_owned());
        let error = inner.within(|| Place::Value(Param::Init, "x".to_owned())).unwrap_err();
        assert_eq!(error.to_string(), "init x: a file: x does not exist");
        assert_eq!(error.said(dashed), "--init x: a file: x does not exist");
        assert_eq!(error.kind(), Kind::Io);
        assert!(matches!(error.downcast_ref(), Some(FileError::Missing { .. })));
        assert!(error.downcast_ref::<SettingsError>().is_none());
    }
}
