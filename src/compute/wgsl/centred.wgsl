fn invoke(index: u32) {
  let pixel = index / sizes.channels;
  let channel = index % sizes.channels;
  if (pixel >= sizes.rows) { return; }
  var value = vec4f();
  if (pixel < sizes.height * sizes.width) {
    let at = (pixel / sizes.width + 1u) * (sizes.width + 2u) + pixel % sizes.width + 1u;
    value = maps[at * sizes.channels + channel] - mean[channel];
  }
  result[index] = value;
}
