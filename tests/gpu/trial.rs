//! Tests that are reported as ignored where there is no adapter.

use libtest_mimic::{Completion, Failed, Trial};
use spectra::device::{Adapter, Machine, adapters};

/// What a test ends with: nothing, or that it shows nothing on this adapter.
pub trait End {
    fn completion(self) -> Completion;
}

impl End for () {
    fn completion(self) -> Completion {
        Completion::Completed
    }
}

impl End for Completion {
    fn completion(self) -> Completion {
        self
    }
}

/// A test that needs no adapter.
pub fn anywhere(test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name(&test), || {
        test();
        Ok(())
    })
}

/// A test on the first adapter. Without one it is ignored, or fails where `SPECTRA_TEST_GPU=require`.
pub fn on_adapter<E: End>(test: impl FnOnce(Adapter) -> E + Send + 'static) -> Trial {
    trial(name(&test), test)
}

/// The same on the first adapter, opened.
pub fn on_machine<E: End>(test: impl FnOnce(Machine) -> E + Send + 'static) -> Trial {
    trial(name(&test), |adapter| test(adapter.open().unwrap()))
}

fn trial<E: End>(name: String, test: impl FnOnce(Adapter) -> E + Send + 'static) -> Trial {
    let is_required = std::env::var_os("SPECTRA_TEST_GPU").is_some_and(|x| x == "require");
    Trial::ignorable_test(name, move || match adapters().into_iter().next() {
        Some(adapter) => Ok(test(adapter).completion()),
        None if is_required => Err(Failed::from("no adapter, and SPECTRA_TEST_GPU=require")),
        None => Ok(Completion::ignored_with("there is no GPU adapter")),
    })
}

/// The path of a function within this program.
fn name<F>(_: &F) -> String {
    let path = std::any::type_name::<F>();
    path.split_once("::")
        .map_or(path, |(_, name)| name)
        .to_owned()
}
