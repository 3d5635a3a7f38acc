// Weights [input vector][tap][input lane] of vectors of outputs -> [output vector][8 - tap][output lane] of vectors of inputs.

fn invoke(index: u32) {
  let vector = index % sizes.inputs;
  let lane = index / sizes.inputs % 4u;
  let tap = index / sizes.inputs / 4u % 9u;
  let output = index / sizes.inputs / 36u;
  if (output >= sizes.outputs) { return; }
  var turned = vec4f();
  for (var input = 0u; input < 4u; input++) {
    turned[input] = weights[((vector * 9u + 8u - tap) * 4u + input) * sizes.outputs + output][lane];
  }
  result[index] = turned;
}
