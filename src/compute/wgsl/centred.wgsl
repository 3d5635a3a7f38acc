fn invoke(index: u32) {
  var sum = 0.0;
  for (var i = index; i < sizes.count; i += INVOCATIONS) {
    let pixel = i / sizes.channels;
    let channel = i % sizes.channels;
    var value = vec4f();
    if (pixel < sizes.height * sizes.width) {
      let at = (pixel / sizes.width + 1u) * (sizes.width + 2u) + pixel % sizes.width + 1u;
      value = maps[at * sizes.channels + channel] - mean[channel];
      sum += dot(value, value) * sizes.share;
    }
    if (pixel == 0u) {
      let apart = mean[channel] - goal[channel];
      sum += dot(apart, apart);
    }
    result[sizes.place + i] = value;
  }
  leave(sum, index);
}
