fn invoke(index: u32) {
  let channel = index % sizes.channels;
  if (index / sizes.channels >= sizes.styles) { return; }
  let style = index / sizes.channels * 2u * sizes.channels + channel;
  var sum = vec4f();
  var squares = vec4f();
  for (var part = 0u; part < sizes.parts; part++) {
    let at = part * 2u * sizes.channels + channel;
    sum += sums[at];
    squares += sums[at + sizes.channels];
  }
  let mean = sum / f32(sizes.pixels);
  let variance = max(squares / f32(sizes.pixels) - mean * mean, vec4f());
  let factor = styles[style] * inverseSqrt(variance + sizes.epsilon);
  result[style] = factor;
  result[style + sizes.channels] = styles[style + sizes.channels] - (mean + field[channel]) * factor;
}
