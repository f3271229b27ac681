//! The GPUs of this computer.

use super::info::{AdapterInfo, AdapterKind};
use super::machine::Machine;
use super::waits::{TIMEOUT, within};
use crate::program::ExecError;

/// A GPU of this computer, not yet open.
#[derive(Debug, Clone)]
pub struct Adapter {
    adapter: wgpu::Adapter,
    info: AdapterInfo,
}

/// All adapters, discrete ones first and software last; those of one kind as their drivers list them. None if the
/// drivers do not answer.
pub fn adapters() -> Vec<Adapter> {
    within(TIMEOUT, listed).unwrap_or_default()
}

fn listed() -> Vec<Adapter> {
    let backends = wgpu::Backends::VULKAN | wgpu::Backends::METAL | wgpu::Backends::DX12;
    let mut settings = wgpu::InstanceDescriptor::new_without_display_handle();
    settings.backends = backends;
    settings.flags = wgpu::InstanceFlags::empty();
    let instance = wgpu::Instance::new(settings);
    let found = pollster::block_on(instance.enumerate_adapters(backends));
    let mut adapters: Vec<Adapter> = found.into_iter().map(Adapter::new).collect();
    adapters.sort_by_key(|adapter| adapter.info.kind);
    adapters
}

impl Adapter {
    fn new(adapter: wgpu::Adapter) -> Adapter {
        let (known, limits) = (adapter.get_info(), adapter.limits());
        let has = |feature| adapter.features().contains(feature);
        let kind = match known.device_type {
            wgpu::DeviceType::DiscreteGpu => AdapterKind::Discrete,
            wgpu::DeviceType::IntegratedGpu => AdapterKind::Integrated,
            wgpu::DeviceType::VirtualGpu => AdapterKind::Virtual,
            wgpu::DeviceType::Cpu => AdapterKind::Software,
            wgpu::DeviceType::Other => AdapterKind::Other,
        };
        let sizes = (known.subgroup_min_size, known.subgroup_max_size);
        let info = AdapterInfo {
            name: known.name,
            backend: known.backend.to_string(),
            driver: format!("{} {}", known.driver, known.driver_info)
                .trim()
                .to_owned(),
            kind,
            largest_buffer: limits.max_buffer_size,
            largest_binding: limits.max_storage_buffer_binding_size,
            workgroup_memory: limits.max_compute_workgroup_storage_size,
            workgroup_threads: limits
                .max_compute_invocations_per_workgroup
                .min(limits.max_compute_workgroup_size_x),
            storage_bindings: limits.max_storage_buffers_per_shader_stage,
            subgroups: has(wgpu::Features::SUBGROUP).then_some(sizes),
            f16: has(wgpu::Features::SHADER_F16),
            cooperative_matrices: !adapter.cooperative_matrix_properties().is_empty(),
        };
        Adapter { adapter, info }
    }

    /// Returns its properties.
    pub fn info(&self) -> &AdapterInfo {
        &self.info
    }

    /// The same, as if it had these limits, which may be smaller than its own. For tests.
    #[doc(hidden)]
    #[must_use]
    pub fn limited_to(self, info: AdapterInfo) -> Adapter {
        Adapter { info, ..self }
    }

    /// Opens it.
    ///
    /// # Errors
    ///
    /// [`ExecError::Refused`] if its driver does not let it be used, or its limits are too small for the kernels;
    /// [`ExecError::Late`] if its driver does not answer.
    pub fn open(&self) -> Result<Machine, ExecError> {
        Machine::open(&self.adapter, self.info.clone())
    }
}
