// Where a side's picture goes on mirrored, its border pixel standing once, for as long as need be.
fn mirrored(place: i32, extent: i32) -> i32 {
  let last = extent - 1;
  if (last <= 0) { return 0; }
  let period = 2 * last;
  let inside = ((place % period) + period) % period;
  return min(inside, period - inside);
}
// The first vector of a row's pixel.
fn pixel(column: i32) -> u32 {
  return u32(mirrored(column, i32(sizes.input_width * sizes.enlarge))) / sizes.enlarge * sizes.inputs;
}
fn invoke(index: u32) {
  let output = index % sizes.outputs;
  let tiles = (sizes.width + 3u) / 4u;
  let column = index / sizes.outputs % tiles * 4u;
  let row = index / sizes.outputs / tiles;
  if (row >= sizes.height) { return; }
  let reach = i32(sizes.side / 2u);
  let step = i32(sizes.stride);
  let sum = bias[output];
  var sum0 = sum;
  var sum1 = sum;
  var sum2 = sum;
  var sum3 = sum;
  var weight = output * sizes.side * sizes.side * sizes.inputs * 4u;
  for (var y = 0; y < i32(sizes.side); y++) {
    let line = mirrored(i32(row) * step + y - reach, i32(sizes.input_height * sizes.enlarge)) / i32(sizes.enlarge);
    let start = u32(line) * sizes.input_width * sizes.inputs;
    for (var x = 0; x < i32(sizes.side); x++) {
      let left = i32(column) * step + x - reach;
      let place0 = start + pixel(left);
      let place1 = start + pixel(left + step);
      let place2 = start + pixel(left + 2 * step);
      let place3 = start + pixel(left + 3 * step);
      for (var input = 0u; input < sizes.inputs; input++) {
        let taps = mat4x4f(weights[weight], weights[weight + 1u], weights[weight + 2u], weights[weight + 3u]);
        sum0 += taps * field[place0 + input];
        sum1 += taps * field[place1 + input];
        sum2 += taps * field[place2 + input];
        sum3 += taps * field[place3 + input];
        weight += 4u;
      }
    }
  }
  let at = (row * sizes.width + column) * sizes.outputs + output;
  result[at] = sum0;
  if (column + 1u < sizes.width) { result[at + sizes.outputs] = sum1; }
  if (column + 2u < sizes.width) { result[at + 2u * sizes.outputs] = sum2; }
  if (column + 3u < sizes.width) { result[at + 3u * sizes.outputs] = sum3; }
}
