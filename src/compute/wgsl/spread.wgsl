fn invoke_group(row: u32, local: u32) {
  if (row >= sizes.pitch) { return; }
  let sum = whole(row, local);
  for (var column = local; column < sizes.pitch; column += GROUP) {
    let at = row * sizes.pitch + column;
    result[at] = select(0.0, (1.0 - cosines[at]) / sum, row < sizes.count && column < sizes.count);
  }
}
