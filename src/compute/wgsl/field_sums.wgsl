fn invoke(index: u32) {
  let channel = index % sizes.channels;
  let part = index / sizes.channels;
  if (part >= sizes.parts) { return; }
  // Less a value among them, the squares' sum keeps its digits.
  let origin = field[channel];
  var sum = vec4f();
  var squares = vec4f();
  for (var pixel = part; pixel < sizes.pixels; pixel += sizes.parts) {
    let value = field[pixel * sizes.channels + channel] - origin;
    sum += value;
    squares += value * value;
  }
  let at = part * 2u * sizes.channels + channel;
  result[at] = sum;
  result[at + sizes.channels] = squares;
}
