//! A machine against broken kernels, and against a device that gives no answer or none that it knows.

use super::*;
use crate::device::gpu::adapter::adapters;

fn machine() -> Machine {
    let found = adapters().into_iter().next();
    found.expect("a GPU adapter").open().unwrap()
}

/// No answer in time, one to work that was never taken, and a driver that is gone: catches a wait whose end is taken
/// for an answer, and a device that was late and is believed afterwards.
#[test]
#[ignore = "needs a GPU adapter"]
fn no_answer_is_an_error() {
    let machine = self::machine();
    machine
        .result_of(Ok(Ok(wgpu::PollStatus::QueueEmpty)))
        .unwrap();
    let unknown = machine.result_of(Ok(Err(wgpu::PollError::WrongSubmissionIndex(9, 1))));
    assert!(matches!(unknown, Err(ExecError::Refused { .. })));
    let limited = machine.with_timeout(Duration::from_secs(7));
    let late = Err(ExecError::Late {
        device: limited.info().name.clone(),
        seconds: 7,
    });
    assert_eq!(limited.result_of(Ok(Err(wgpu::PollError::Timeout))), late);
    assert_eq!(limited.wait(None), late);
    assert_eq!(limited.poll(), late);
    drop(limited);
    let machine = self::machine();
    let lost = machine.result_of(Err("driver".to_owned()));
    assert!(matches!(&lost, Err(ExecError::Lost { reason, .. }) if reason == "driver"));
    assert_eq!(machine.wait(None), lost);
}

/// Catches a kernel that is wrong and ends the program, is told of in many lines, or spoils the machine.
#[test]
#[ignore = "needs a GPU adapter"]
fn a_kernel_that_is_refused_is_named_in_one_line() {
    let machine = machine();
    let right = "@compute @workgroup_size(1)\nfn main() {}\n";
    let wrong = [
        "@compute @workgroup_size(1)\nfn main() { let x: f32 = 1u; }\n",
        "fn main( {",
        "@compute @workgroup_size(1)\nfn other() {}\n",
        "@compute @workgroup_size(4096)\nfn main() {}\n",
    ];
    for machine in [machine.clone(), machine.checked()] {
        for text in wrong {
            let kernel = Kernel::new("broken kernel", &[], text);
            let error = machine.pipeline(&kernel).unwrap_err();
            let sentence = error.to_string();
            let refused = matches!(error, ExecError::Refused { .. });
            assert!(refused && sentence.contains("broken kernel"), "{sentence}");
            assert!(!sentence.contains('\n'), "{sentence}");
        }
        let kernel = Kernel::new("right kernel", &[], right);
        machine.pipeline(&kernel).unwrap();
        machine.check_error().unwrap();
    }
}
