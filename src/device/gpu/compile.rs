//! Compilation of kernels.

use super::dispatch::Kernel;

/// Compiles a kernel, with run-time checks of indices and loops if `checked`.
#[allow(unsafe_code)]
pub(super) fn compile(device: &wgpu::Device, kernel: &Kernel, checked: bool) -> wgpu::ShaderModule {
    let source = wgpu::ShaderModuleDescriptor {
        label: Some(kernel.name),
        source: wgpu::ShaderSource::Wgsl(kernel.text.as_str().into()),
    };
    if checked {
        return device.create_shader_module(source);
    }
    let checks = wgpu::ShaderRuntimeChecks::unchecked();
    // SAFETY: the texts are this crate's own, and the sizes in their parameters come from a plan whose views were
    // checked when it was recorded: indices stay inside the views, which stay inside the bindings; every loop counts up
    // or down to a bound that does not change; no divisor is zero. Numbers that come from outside are compared with
    // the sizes before they serve as indices. Tests run all kernels with the checks, too, and compare the bits.
    unsafe { device.create_shader_module_trusted(source, checks) }
}
