// The gradient at a value.
fn gradient_at(index: u32) -> f32 {
  let height = i32(sizes.height);
  let width = i32(sizes.width);
  let plane = height * width;
  let start = i32(index) / plane * plane;
  let y = (i32(index) - start) / width;
  let x = (i32(index) - start) % width;
  let bottom = height - 1;
  let right = width - 1;
  let value = image[index];
  var straight = 0.0;
  if (x > 0) { straight += value - image[index - 1u]; }
  if (x < right) { straight += value - image[index + 1u]; }
  if (y > 0) { straight += value - image[index - sizes.width]; }
  if (y < bottom) { straight += value - image[index + sizes.width]; }
  // The padded places this value stands for, counted from -1 to the side's length.
  var diagonal = 0.0;
  for (var py = select(y, -1, y == 0); py <= select(y, bottom + 1, y == bottom); py++) {
    for (var px = select(x, -1, x == 0); px <= select(x, right + 1, x == right); px++) {
      for (var corner = 0; corner < 4; corner++) {
        let ny = py + (corner & 1) * 2 - 1;
        let nx = px + (corner >> 1) * 2 - 1;
        if (ny >= -1 && ny <= bottom + 1 && nx >= -1 && nx <= right + 1) {
          diagonal += value - image[start + clamp(ny, 0, bottom) * width + clamp(nx, 0, right)];
        }
      }
    }
  }
  return straight * sizes.straight + diagonal * sizes.diagonal;
}

fn invoke(index: u32) {
  var sum = 0.0;
  for (var i = index; i < sizes.count; i += INVOCATIONS) {
    let gradient = gradient_at(i);
    sum += gradient * image[i];
    result[i] = gradient + other_at(i);
  }
  leave(sum, index);
}
