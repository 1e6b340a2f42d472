//! Names of the variants of enums, and what is said where a name has none.

use std::fmt;

use crate::error::{Explain, Kind, Names, Param};

/// A name that nothing has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct UnknownName {
    /// The parameter.
    pub param: Param,
    /// What was given.
    pub value: String,
    /// What may be given.
    pub known: &'static [&'static str],
}

impl Explain for UnknownName {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (last, known) = self.known.split_last().unwrap_or((&"", &[]));
        write!(f, "{} {}: unknown; use {} or {last}", names(self.param), self.value, known.join(", "))
    }
}

crate::explained!(UnknownName);

/// Gives an enum its names: `name` and `Display`, and with `of` a [`Param`] what reads them from what was given for it.
///
/// ```
/// use clusterclip_core::named;
/// #[derive(Debug, Clone, Copy, PartialEq)]
/// pub enum Dtype { F32, Int8 }
/// named!(Dtype of Dtype: F32 = "f32", Int8 = "int8");
/// assert_eq!((Dtype::F32.name(), "int8".parse()), ("f32", Ok(Dtype::Int8)));
/// assert_eq!("f16".parse::<Dtype>().unwrap_err().to_string(), "dtype f16: unknown; use f32 or int8");
/// ```
#[macro_export]
macro_rules! named {
    ($type:ident: $($variant:ident = $name:literal),+ $(,)?) => {
        impl $type {
            /// What it is called wherever it is named.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
    ($type:ident of $param:ident: $($variant:ident = $name:literal),+ $(,)?) => {
        $crate::named!($type: $($variant = $name),+);

        impl $type {
            /// What they are called wherever people name them, in the order of the variants.
            pub const NAMES: &[&str] = &[$($name),+];
        }

        impl std::str::FromStr for $type {
            type Err = $crate::named::UnknownName;

            fn from_str(value: &str) -> Result<Self, Self::Err> {
                match value {
                    $($name => Ok(Self::$variant),)+
                    _ => Err($crate::named::UnknownName {
                        param: $crate::error::Param::$param,
                        value: value.to_owned(),
                        known: Self::NAMES,
                    }),
                }
            }
        }
    };
}
