fn invoke(index: u32) {
  if (index >= sizes.count) { return; }
  let row = 4u * index / sizes.columns;
  let first = 4u * index % sizes.columns;
  var sum = vec4f();
  for (var slice = 0u; slice < sizes.slices; slice++) {
    if (UPPER && first / TILE < row / TILE) {
      // Of the transposed tile: the same column of four rows.
      let at = slice * sizes.count + (first * sizes.columns + row) / 4u;
      let pitch = sizes.columns / 4u;
      let lane = row % 4u;
      sum += vec4f(
        partial[at][lane], partial[at + pitch][lane], partial[at + 2u * pitch][lane], partial[at + 3u * pitch][lane]);
    } else {
      sum += partial[slice * sizes.count + index];
    }
  }
  let own = vec4u(row) == vec4u(first, first + 1u, first + 2u, first + 3u);
  result[index] = sum * sizes.scale + select(vec4f(), vec4f(sizes.shift), own) - goal_at(index);
}
