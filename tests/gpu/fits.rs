//! Fits on a GPU, as a library and as `spectra fit-basis --device`.

use super::programs::{hide, said};
use super::trial::{anywhere, on_adapter, on_machine};
use crate::common::command::spectra;
use faer::Mat;
use libtest_mimic::Trial;
use serde_json::Value;
use spectra::device::{Adapter, Device, Gpu, Machine};
use spectra::family::terms::BasisFamily;
use spectra::fit::product::{ProductPlan, ProductSettings};
use spectra::random::Stream;
use std::process::Output;

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        on_machine(a_gpu_fits_what_the_processor_fits),
        on_adapter(a_gpus_fit_says_its_accuracy),
        #[cfg(target_os = "linux")]
        anywhere(what_a_gpu_does_not_fit_is_refused_where_it_is_asked_for),
    ]
}

/// The fit whose iterations a GPU makes against the processor's own: catches terms that are not the processor's, and a
/// solution that is not refined. The residual is stationary, so that it is the same to rounding.
fn a_gpu_fits_what_the_processor_fits(machine: Machine) {
    let mut stream = Stream::new(3, &[]);
    let w = Mat::from_fn(37, 53, |_, _| stream.normal());
    for family in [BasisFamily::GAUSSIAN, BasisFamily::RADEMACHER] {
        let settings = ProductSettings {
            families: vec![family],
            terms: vec![40],
            memory: 1,
            ..ProductSettings::default()
        };
        let plan = ProductPlan::new(&settings, (37, 53)).unwrap();
        let own = plan.fit(w.as_ref(), None, &mut |_| true).unwrap();
        let mut device = Device::new("a GPU", |_| Box::new(Gpu::new(&machine).poisoned()));
        let found = plan
            .fit_on(Some(&mut device), w.as_ref(), None, &mut |_| true)
            .unwrap();
        assert!(own.device.is_none());
        let accuracy = found.device.as_ref().unwrap();
        assert!(
            accuracy.gradient < 1e-14 && accuracy.refinements > 1,
            "{accuracy:?}"
        );
        let bound = (37 * 53) as f64 * f64::EPSILON;
        for (one, other) in [
            (found.relative_residual, own.relative_residual),
            (
                found.shuffled_residual.unwrap(),
                own.shuffled_residual.unwrap(),
            ),
            (
                found.rotated_residual.unwrap(),
                own.rotated_residual.unwrap(),
            ),
        ] {
            assert!((one - other).abs() <= bound, "{one} {other}");
        }
        for (one, other) in found.coefficients[0].iter().zip(&own.coefficients[0]) {
            assert!((one - other).abs() <= bound, "{family:?}: {one} {other}");
        }
    }
}

fn run(arguments: &[&str], hidden: bool) -> Output {
    let mut command = spectra();
    command.args([&["fit-basis", "--no-controls"], arguments].concat());
    if hidden {
        hide(&mut command);
    }
    command.output().unwrap()
}

/// What is said but for what is fitted.
fn remarks(output: &Output) -> Vec<String> {
    let mut lines = said(output);
    lines.retain(|line| !line.starts_with("fit-basis: "));
    lines
}

/// Catches a result of a GPU without its accuracy, in any form, and one of the processor that says of a device.
fn a_gpus_fit_says_its_accuracy(adapter: Adapter) {
    let name = format!("{} ({})", adapter.info().name, adapter.info().backend);
    let large = ["--k", "12", "--memory", "1"];
    let json = |device: &str| -> Value {
        let output = run(
            &[&large[..], &["--json", "--device", device]].concat(),
            false,
        );
        assert!(output.status.success(), "{:?}", remarks(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let (gpu, cpu) = (json("gpu"), json("cpu"));
    let (gpu, cpu) = (&gpu["fits"][0], &cpu["fits"][0]);
    assert_eq!(gpu["device"]["name"], name.as_str());
    assert!(gpu["device"]["refinements"].as_u64().unwrap() > 1);
    assert!(!cpu.as_object().unwrap().contains_key("device"));
    let [one, other] = [gpu, cpu].map(|fit| fit["relative_residual"].as_f64().unwrap());
    assert!(
        (one - other).abs() <= 7840.0 * f64::EPSILON,
        "{one} {other}"
    );
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().to_str().unwrap();
    let output = run(
        &[&large[..], &["--device", "gpu", "--report", report]].concat(),
        false,
    );
    assert!(remarks(&output)[0].contains(&name));
    let table = String::from_utf8(output.stdout).unwrap();
    let page = std::fs::read_to_string(folder.path().join("index.html")).unwrap();
    for shown in [table, page] {
        assert!(shown.contains("times in double precision"), "{shown}");
    }
}

/// Catches a GPU that is asked for and silently not used, and a refusal of a choice that nobody made.
#[cfg(target_os = "linux")]
fn what_a_gpu_does_not_fit_is_refused_where_it_is_asked_for() {
    for arguments in [
        &["--k", "12"][..],
        &["--k", "12", "--memory", "1", "--residual"],
        &["--k", "12", "--memory", "1", "--basis", "circulant"],
        &["--k", "12", "--p", "2"],
    ] {
        let output = run(&[arguments, &["--device", "gpu"]].concat(), true);
        let said = remarks(&output);
        assert_eq!(output.status.code(), Some(2), "{said:?}");
        let right = said.len() == 1 && said[0].contains("--memory cannot hold: take --device cpu");
        assert!(right, "{said:?}");
    }
    let large = ["--k", "12", "--memory", "1"];
    let output = run(&[&large[..], &["--device", "gpu"]].concat(), true);
    assert!(remarks(&output)[0].contains("no adapter was found"));
    let [auto, cpu] = [&large[..], &[&large[..], &["--device", "cpu"]].concat()].map(|arguments| {
        let output = run(arguments, true);
        assert!(
            output.status.success() && remarks(&output).is_empty(),
            "{:?}",
            remarks(&output)
        );
        output.stdout
    });
    assert_eq!(auto, cpu);
}
