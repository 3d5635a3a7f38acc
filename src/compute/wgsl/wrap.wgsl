// Where a place along a side, border counted, goes on.
fn opposite(place: u32, side: u32) -> u32 {
  return select(select(place, 1u, place > side), side, place == 0u);
}

fn invoke(index: u32) {
  let pitch = sizes.width + 2u;
  let bottom = sizes.height + 1u;
  let channel = index % sizes.channels;
  let place = index / sizes.channels;
  if (place >= 2u * (pitch + sizes.height)) { return; }
  // The upper and the lower line, then what is left of the left and the right one.
  let along = place % pitch;
  let beside = place - min(place, 2u * pitch);
  let is_line = place < 2u * pitch;
  let row = select(1u + beside / 2u, place / pitch * bottom, is_line);
  let column = select(beside % 2u * (sizes.width + 1u), along, is_line);
  let from_row = opposite(row, sizes.height);
  let from_column = opposite(column, sizes.width);
  var value = vec4f();
  if ((from_row == row || sizes.rows == 1u) && (from_column == column || sizes.columns == 1u)) {
    value = result[(from_row * pitch + from_column) * sizes.channels + channel];
  }
  result[(row * pitch + column) * sizes.channels + channel] = value;
}
