// Which values of a vector are on the diagonal.
fn is_own(index: u32) -> vec4<bool> {
  let row = 4u * index / sizes.columns;
  let first = 4u * index % sizes.columns;
  return vec4u(row) == vec4u(first, first + 1u, first + 2u, first + 3u);
}

// A vector of the whole matrix.
fn whole(index: u32) -> vec4f {
  let row = 4u * index / sizes.columns;
  let first = 4u * index % sizes.columns;
  var sum = vec4f();
  if (first / sizes.tile < row / sizes.tile) {
    // Of the transposed tile: the same column of four rows.
    let pitch = sizes.columns / 4u;
    let lane = row % 4u;
    for (var slice = 0u; slice < sizes.slices; slice++) {
      let at = slice * sizes.count + (first * sizes.columns + row) / 4u;
      sum += vec4f(
        partial[at][lane], partial[at + pitch][lane], partial[at + 2u * pitch][lane], partial[at + 3u * pitch][lane]);
    }
  } else {
    for (var slice = 0u; slice < sizes.slices; slice++) {
      sum += partial[slice * sizes.count + index];
    }
  }
  return sum * sizes.scale + select(vec4f(), vec4f(sizes.shift), is_own(index));
}
