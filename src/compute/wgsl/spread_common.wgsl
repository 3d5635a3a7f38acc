var<workgroup> shares: array<f32, GROUP>;

// The sum of what all of a workgroup come with.
fn together(value: f32, local: u32) -> f32 {
  workgroupBarrier();
  shares[local] = value;
  workgroupBarrier();
  for (var half = GROUP / 2u; half > 0u; half /= 2u) {
    if (local < half) { shares[local] += shares[local + half]; }
    workgroupBarrier();
  }
  return shares[0];
}

// The sum of a row's distances.
fn whole(row: u32, local: u32) -> f32 {
  var sum = 0.0;
  for (var column = local; column < sizes.count; column += GROUP) { sum += 1.0 - cosines[row * sizes.pitch + column]; }
  return together(sum, local) + sizes.least;
}
