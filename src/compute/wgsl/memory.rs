//! Device memory for the kernels' results: kept by us from step to step, not by Burn.

use std::cell::RefCell;
use std::collections::HashMap;

use cubecl::Device;
use cubecl::client::Client;
use cubecl::server::Handle;
use cubecl::wgpu::{AutoCompiler, WgpuServer};

use super::buffers::{Fit, Shared, Shelf};

thread_local! {
    /// By device.
    static STORES: RefCell<HashMap<Device, Store>> = RefCell::default();
}

struct Store {
    client: Client,
    shelf: Shelf<Handle>,
}

/// Below this many bytes Burn's own allocator is as good.
const SHELVED: u64 = 1 << 18;

impl Shared for Handle {
    fn is_idle(&self) -> bool {
        // The shelf and the allocator hold it, nobody else.
        self.can_mut()
    }
}

/// More than any device gives, where a size can say no more: it is refused, as it is to be.
const TOO_MANY: usize = usize::MAX & !0xffff;

/// Memory of so many bytes on a device.
pub fn take(device: &Device, client: &Client, bytes: u64, fit: Fit) -> Handle {
    let make = |bytes: u64| client.empty(usize::try_from(bytes).unwrap_or(TOO_MANY));
    if bytes < SHELVED {
        return make(bytes);
    }
    let (size, handle) = STORES.with_borrow_mut(|stores| {
        let fresh = || Store { client: client.clone(), shelf: Shelf::default() };
        stores.entry(device.clone()).or_insert_with(fresh).shelf.take(bytes, fit, make)
    });
    if size > bytes { handle.offset_end(size - bytes) } else { handle }
}

/// Whether a tensor's memory is nobody else's, the shelf not counted.
pub fn is_only_owner(device: &Device, handle: &Handle) -> bool {
    STORES.with_borrow_mut(|stores| {
        let Some(Store { shelf, .. }) = stores.get_mut(device) else { return handle.can_mut() };
        let shelved = shelf.remove(|other| other.memory.descriptor().id == handle.memory.descriptor().id);
        let alone = handle.can_mut();
        if let Some(size) = shelved {
            let whole = Handle::from_memory(handle.memory.clone(), handle.service, handle.stream, handle.size());
            shelf.put(size, whole);
        }
        alone
    })
}

/// Destroys the buffers that are kept for reuse and not in use now, and empties Burn's allocator.
///
/// To drop a buffer is not enough in a browser: its memory would wait for a garbage collection, which sees a few
/// bytes of JavaScript and is in no hurry.
pub fn release() {
    STORES.with_borrow_mut(|stores| {
        for Store { client, shelf } in stores.values_mut() {
            let idle = shelf.clear();
            if client.flush().is_err() {
                continue;
            }
            for handle in idle {
                if let Ok(resource) = client.get_resource::<WgpuServer<AutoCompiler>>(handle) {
                    resource.resource().buffer.destroy();
                }
            }
            // Before anything else is allocated: the allocator does not know that they are gone.
            let _ = client.memory_cleanup();
        }
    });
}
