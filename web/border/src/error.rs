//! Errors of the core as JavaScript errors: the words are the core's with JavaScript's names of options, `kind` says
//! what a caller makes of it.

use clusterclip_core::error::{Explain, Kind, Names, Param, said};
use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// What JavaScript calls a parameter: `worldSize`.
pub fn names(param: Param) -> String {
    let mut words = param.name().split('_');
    let mut name = words.next().unwrap_or_default().to_owned();
    for word in words {
        name.push_str(&word[..1].to_ascii_uppercase());
        name.push_str(&word[1..]);
    }
    name
}

/// Makes a JavaScript error.
pub fn js(error: impl Explain) -> JsValue {
    renamed(error, names)
}

/// The same with other names of parameters.
pub fn renamed(error: impl Explain, names: Names) -> JsValue {
    new(error.kind(), &said(&error, names).to_string())
}

/// The same for an input that is called `name`.
pub fn within(name: &str, error: impl Explain) -> JsValue {
    new(error.kind(), &format!("{name}: {}", said(&error, names)))
}

/// Makes one for options that cannot be.
pub fn usage(message: &str) -> JsValue {
    new(Kind::Usage, message)
}

/// Makes one for data that cannot be.
pub fn input(message: &str) -> JsValue {
    new(Kind::Input, message)
}

/// Makes one for more than memory holds, or than a limit allows.
pub fn memory(message: &str) -> JsValue {
    new(Kind::Memory, message)
}

/// Makes one for a device that cannot be used.
pub fn device(message: &str) -> JsValue {
    new(Kind::Device, message)
}

fn new(kind: Kind, message: &str) -> JsValue {
    let error = js_sys::Error::new(message);
    // Only a frozen object would refuse.
    let _ = Reflect::set(&error, &"kind".into(), &kind.name().into());
    error.into()
}
