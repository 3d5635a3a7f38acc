fn invoke_group(row: u32, local: u32) {
  if (row >= sizes.pitch) { return; }
  let sum = whole(row, local);
  var apart = 0.0;
  var drawn = 0.0;
  for (var column = local; column < sizes.count; column += GROUP) {
    let at = row * sizes.pitch + column;
    let value = (1.0 - cosines[at]) / sum;
    apart += abs(value - other[at]);
    drawn += sign(value - other[at]) * value;
  }
  apart = together(apart, local);
  drawn = together(drawn, local);
  for (var column = local; column < sizes.pitch; column += GROUP) {
    let at = row * sizes.pitch + column;
    let slope = (sign((1.0 - cosines[at]) / sum - other[at]) - drawn) / sum;
    result[at] = select(0.0, slope, row < sizes.count && column < sizes.count);
  }
  if (local == 0u && row < sizes.count) { sums[sizes.at + row] = apart; }
}
