// Files shown as small pictures.

/**
 * Shows a file in an `<img>`, and lets go of it whether or not it turns out to be a picture.
 * @param {HTMLImageElement} image
 * @param {Blob} blob
 */
export function showBlob(image, blob) {
  const url = URL.createObjectURL(blob);
  image.onload = image.onerror = () => URL.revokeObjectURL(url);
  image.src = url;
}
