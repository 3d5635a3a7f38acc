fn invoke(index: u32) {
  if (index >= sizes.count) { return; }
  let channel = index % sizes.channels;
  let pixel = index / sizes.channels;
  var factor = vec4f();
  var offset = vec4f();
  for (var style = 0u; style < sizes.styles; style++) {
    let share = share_at(pixel * sizes.styles + style);
    let at = style * 2u * sizes.channels + channel;
    factor += share * affine[at];
    offset += share * affine[at + sizes.channels];
  }
  let value = field[index] * factor + offset + below_at(index);
  result[index] = activated(value);
}
