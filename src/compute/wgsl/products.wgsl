// What the sums of a matrix's squares make its values' factor.
fn norm_of(row: u32) -> f32 {
  let power = sizes.rows[row].power;
  if (power == 0.0) { return 1.0; }
  var sum = 0.0;
  for (var part = 0u; part < PARTS; part++) { sum += norms[sizes.rows[row].norm * PARTS + part]; }
  return pow(max(sum, 1e-30), power);
}

// A vector of the result from the sum of products.
fn finished(row: u32, line: u32, vector: u32, sum: vec4f, norm: f32) -> vec4f {
  var value = sizes.rows[row].scale * sum;
  let share = sizes.rows[row].share;
  if (share != 0.0) {
    let at = sizes.rows[row].places.z + line * sizes.rows[row].columns + vector;
    value += share * added_at(row, at);
  }
  let own = vec4u(line) == 4u * vector + vec4u(0u, 1u, 2u, 3u);
  return norm * value + select(vec4f(), vec4f(sizes.rows[row].shift), own);
}

// Row and column of the tile of this number, of so many in a row: of all, or of those on and above the diagonal.
fn tile_of(number: u32, across: u32, is_symmetric: bool) -> vec2u {
  if (is_symmetric) { return folded(number, across); }
  return vec2u(number / across, number % across);
}
