// The row that the invocation or workgroup of this number works on.
fn row_of(number: u32) -> u32 {
  var row = 0u;
  for (var next = 1u; next < sizes.count; next++) {
    if (number >= sizes.rows[next].first) { row = next; }
  }
  return row;
}
