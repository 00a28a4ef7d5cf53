using System.Text;

namespace Ringfence.Tests.Parsing;

/// <summary>Writes records as Asterisk's formatters do. Texts are Latin-1: one character, one byte.</summary>
internal static class Forms
{
    public static readonly string[] All = ["default", "plain", "json"];

    /// <summary>A SecurityEvent of PJSIP from 198.51.100.7:34336, its texts raw as they stand in the log.</summary>
    public static string Security(string kind, string account, string session, string remote = "IPV4/UDP/198.51.100.7/34336", string tail = "", string service = "PJSIP") =>
        $"SecurityEvent=\"{kind}\",EventTV=\"2026-11-20T23:58:33.337+0000\",Severity=\"Error\",Service=\"{service}\",EventVersion=\"1\",AccountID=\"{account}\","
        + $"SessionID=\"{session}\",LocalAddress=\"IPV4/UDP/10.99.0.1/5060\",RemoteAddress=\"{remote}\"{tail}";

    public static string Distributor(string from, string session, string sender = "198.51.100.7:34336", string method = "REGISTER", string reason = "No matching endpoint found") =>
        $"Request '{method}' from '{from}' failed for '{sender}' (callid: {session}) - {reason}";

    /// <returns>The message as a line of the formatter, with its line end.</returns>
    public static string Write(string form, string level, string module, string message) => form switch
    {
        "default" => $"[2026-11-20 23:58:33.337] {level}[22978] {module}: {message}\n",
        "plain" => $"[2026-11-20 23:58:33.337] {level}[22978]: {module}:114 some_function: {message}\n",
        "json" => $"{{\"hostname\":\"\",\"timestamp\":\"2026-11-20 23:58:33.337\",\"identifiers\":{{\"lwp\":22978,\"callid\":\"\"}},\"logmsg\":{{\"location\":{{\"filename\":\"{module}\","
            + $"\"function\":\"some_function\",\"line\":114}},\"level\":\"{level}\",\"message\":\"{Escaped(message)}\\n\"}}}}\n",
        _ => throw new ArgumentOutOfRangeException(nameof(form), form, null),
    };

    public static string Write(string form, string security) => Write(form, "SECURITY", "res_security_log.c", security);

    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            escaped.Append(character switch
            {
                '"' => "\\\"",
                '\\' => @"\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' => $"\\u{(int)character:X4}",
                _ => character.ToString(),
            });
        }

        return escaped.ToString();
    }
}
