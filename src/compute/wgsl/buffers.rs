//! Buffers kept for the next taker.
//!
//! One step makes and drops the same maps as the step before. Burn's own allocator gives a small tensor
//! whatever large buffer is free and makes another large one when that is missed; here the smallest
//! that fits is taken, and none that is far too large. `run::plan` goes through the same motions without a device.

/// What can tell whether anybody else still holds it.
pub trait Shared {
    /// Whether nobody does.
    fn is_idle(&self) -> bool;
}

/// Buffers by their size in bytes, idle or in use.
#[derive(Debug)]
pub struct Shelf<B> {
    buffers: Vec<(u64, B)>,
}

impl<B> Default for Shelf<B> {
    fn default() -> Self {
        Self { buffers: Vec::new() }
    }
}

/// How large a buffer may be for what it is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// Up to four times as large: maps of the next block but one then fit into the largest.
    Loose,
    /// Of its size: for what is kept while much else is taken, lest it keep a large one from others.
    Exact,
}

impl Fit {
    fn most(self, bytes: u64) -> u64 {
        match self {
            Self::Loose => 4 * bytes,
            Self::Exact => bytes,
        }
    }
}

impl<B: Shared + Clone> Shelf<B> {
    /// The smallest idle buffer of at least `bytes` that fits, or one newly made, and its size.
    pub fn take(&mut self, bytes: u64, fit: Fit, make: impl FnOnce(u64) -> B) -> (u64, B) {
        let fits = |size: u64| (bytes..=fit.most(bytes)).contains(&size);
        let idle = self.buffers.iter().filter(|(size, buffer)| fits(*size) && buffer.is_idle());
        if let Some((size, buffer)) = idle.min_by_key(|(size, _)| *size) {
            return (*size, buffer.clone());
        }
        let buffer = make(bytes);
        self.buffers.push((bytes, buffer.clone()));
        (bytes, buffer)
    }

    /// Gives up the idle ones.
    pub fn clear(&mut self) -> Vec<B> {
        let (idle, used) = std::mem::take(&mut self.buffers).into_iter().partition(|(_, buffer)| buffer.is_idle());
        self.buffers = used;
        let idle: Vec<(u64, B)> = idle;
        idle.into_iter().map(|(_, buffer)| buffer).collect()
    }

    /// Forgets one, and says its size, if it is here.
    pub fn remove(&mut self, is_it: impl Fn(&B) -> bool) -> Option<u64> {
        let place = self.buffers.iter().position(|(_, buffer)| is_it(buffer))?;
        Some(self.buffers.swap_remove(place).0)
    }

    /// Puts one back that was removed.
    pub fn put(&mut self, size: u64, buffer: B) {
        self.buffers.push((size, buffer));
    }

    /// The bytes of all of them.
    pub fn bytes(&self) -> u64 {
        self.buffers.iter().map(|(size, _)| size).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    impl Shared for Rc<u64> {
        fn is_idle(&self) -> bool {
            Rc::strong_count(self) == 1
        }
    }

    #[test]
    fn the_smallest_idle_buffer_that_is_not_far_too_large_is_taken() {
        let mut shelf = Shelf::default();
        let mut take = |bytes, fit| shelf.take(bytes, fit, Rc::new);
        let (_, large) = take(100, Fit::Loose);
        let (_, small) = take(40, Fit::Loose);
        assert_eq!((*large, *small), (100, 40));
        drop(large);
        assert_eq!(take(30, Fit::Loose).0, 100, "the 40 is in use");
        drop(small);
        assert_eq!(take(30, Fit::Loose).0, 40);
        assert_eq!(take(24, Fit::Loose).0, 40, "idle again");
        assert_eq!(take(9, Fit::Loose).0, 9, "40 would waste too much");
        assert_eq!(take(40, Fit::Exact).0, 40);
        assert_eq!(take(39, Fit::Exact).0, 39, "one byte too much");
        assert_eq!(shelf.bytes(), 100 + 40 + 9 + 39);
        shelf.clear();
        assert_eq!(shelf.bytes(), 0);
    }
}
