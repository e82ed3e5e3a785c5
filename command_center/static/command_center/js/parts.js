// How is a part of this page drawn anew by the server, without a reload?
export async function refresh(selector) {
  const answer = await fetch(location.href, { headers: { "X-Part": selector }, cache: "no-store" });
  if (!answer.ok) return null;
  const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll(selector)) {
    const fresh = old.id && drawn.getElementById(old.id);
    if (!fresh) continue;
    old.replaceWith(fresh);
    window.htmx?.process(fresh);
  }
  return drawn;
}

export const say = (text) => {
  const place = document.getElementById("said");
  if (place) place.textContent = text;
};
