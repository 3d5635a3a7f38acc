// Where a pixel (row and column from 1 on) is in the pooled maps, border counted.
fn pooled(place: u32) -> u32 {
  return (place + 1u) / 2u;
}

// Whether it is in a block of four: what an odd side leaves over is not.
fn in_block(row: u32, column: u32) -> bool {
  return pooled(row) <= sizes.height / 2u && pooled(column) <= sizes.width / 2u;
}

// Its place in the block, row by row.
fn place_in_block(row: u32, column: u32) -> u32 {
  return 2u * ((row - 1u) & 1u) + ((column - 1u) & 1u);
}

// The gradient at the block's pooled value.
fn gradient_at(row: u32, column: u32, channel: u32) -> vec4f {
  return gradient[(pooled(row) * (sizes.width / 2u + 2u) + pooled(column)) * sizes.channels + channel];
}
