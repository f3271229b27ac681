//! Static memory: buffers that never live together share a slot.

use super::instruction::Instruction;
use super::view::Buffer;

/// Memory for the buffers of a plan. Slots rather than pieces of one arena: an instruction then
/// never reads and writes one allocation, which safe Rust and GPU bindings both ask for.
pub(super) struct Memory {
    /// Sizes of the slots, in numbers.
    pub slots: Vec<usize>,
    /// The slot of each buffer that is used.
    pub places: Vec<Option<usize>>,
}

/// Gives each buffer of `sizes` that `instructions` use a slot; those of `pinned` keep theirs from
/// beginning to end. Best fit among the free slots, the largest of them growing where none fits.
pub(super) fn lay_out(sizes: &[usize], pinned: &[Buffer], instructions: &[Instruction]) -> Memory {
    let mut memory = Memory {
        slots: Vec::new(),
        places: vec![None; sizes.len()],
    };
    let mut last = vec![0; sizes.len()];
    for (step, instruction) in instructions.iter().enumerate() {
        // operands of two steps that an executor may fuse live through both
        let next = instructions.get(step + 1);
        let joined = next.is_some_and(|next| instruction.joins(next));
        for buffer in instruction.buffers() {
            last[buffer.0] = last[buffer.0].max(step + usize::from(joined));
        }
    }
    for buffer in pinned {
        last[buffer.0] = usize::MAX;
        memory.place(*buffer, sizes[buffer.0], &mut Vec::new());
    }
    let mut free = Vec::new();
    for (step, instruction) in instructions.iter().enumerate() {
        let before = step.checked_sub(1).map(|before| &instructions[before]);
        let to = instruction.to.buffer;
        memory.place(to, sizes[to.0], &mut free);
        let mut done: Vec<usize> = instruction
            .buffers()
            .chain(before.iter().flat_map(|before| before.buffers()))
            .filter(|buffer| last[buffer.0] == step)
            .filter_map(|buffer| memory.places[buffer.0])
            .collect();
        done.sort_unstable();
        done.dedup();
        free.extend(done);
    }
    memory
}

impl Memory {
    fn place(&mut self, buffer: Buffer, size: usize, free: &mut Vec<usize>) {
        if self.places[buffer.0].is_some() {
            return;
        }
        let fits = |slot: &usize| self.slots[*slot] >= size;
        let best = (0..free.len())
            .filter(|&i| fits(&free[i]))
            .min_by_key(|&i| self.slots[free[i]])
            .or_else(|| (0..free.len()).max_by_key(|&i| self.slots[free[i]]));
        let slot = match best {
            Some(i) => free.swap_remove(i),
            None => {
                self.slots.push(size);
                self.slots.len() - 1
            }
        };
        self.slots[slot] = self.slots[slot].max(size);
        self.places[buffer.0] = Some(slot);
    }
}
