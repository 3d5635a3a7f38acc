// The row that the invocation or workgroup of this number works on.
fn row_of(number: u32) -> u32 {
  var row = 0u;
  for (var next = 1u; next < sizes.count; next++) {
    if (number >= sizes.rows[next].first) { row = next; }
  }
  return row;
}

// A vector of the first or the second tensor.
fn either(in_second: bool, at: u32) -> vec4f {
  if (in_second) { return b[at]; }
  return a[at];
}
