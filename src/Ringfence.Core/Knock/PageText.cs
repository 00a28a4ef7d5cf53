using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Ringfence.Core.Knock;

/// <summary>The page itself: one form, no script, nothing from elsewhere.</summary>
internal static class PageText
{
    private const string Style =
        ":root{color-scheme:light dark}body{font:1.1rem/1.5 system-ui,sans-serif;max-width:22rem;margin:3rem auto;padding:0 1rem}h1{font-size:1.4rem}label{display:block;margin-top:1rem}"
        + "input,button{font:inherit;width:100%;box-sizing:border-box;padding:.6rem;margin-top:.3rem}button{margin-top:1.5rem}";

    /// <summary>Content-Security-Policy: this page's own style, its own form, and nothing else.</summary>
    public static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    /// <param name="message">Ours alone; "": none.</param>
    public static string Form(string token, string message = "") => Page("Open the door", $"""
        {(message.Length == 0 ? "" : $"<p role=\"alert\"><strong>{Html(message)}</strong></p>")}
        <form method="post" action="/">
        <label>Name<input name="user" autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" maxlength="40" required></label>
        <label>Password<input name="password" type="password" autocomplete="current-password" maxlength="100" required></label>
        <input name="token" type="hidden" value="{Html(token)}">
        <button>Open for my address</button>
        </form>
        """);

    public static string Says(string title, string text) => Page(title, $"<p>{Html(text)}</p>");

    private static string Page(string title, string body) => $"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{Html(title)}</title><style>{Style}</style></head>
        <body><h1>{Html(title)}</h1>
        {body}
        </body></html>
        """;

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}
