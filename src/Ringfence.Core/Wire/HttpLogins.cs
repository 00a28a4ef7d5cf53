using Ringfence.Core.Events;

namespace Ringfence.Core.Wire;

/// <summary>Tells refused logins at the PBX's HTTP server: ARI, which logs none of them, and the manager interface over HTTP.</summary>
/// <remarks>
/// Asterisk 22, measured: ARI answers 401 to a wrong password as to none; the manager's /rawman, /mxml and /manager answer 200 with "Authentication failed" in the body, its
/// digest forms (/arawman ...) 401. A 401 counts where a password was given, or where nobody can say that none was: a browser asks without one first. A login that is
/// let in is not told: any file under /static is served whatever password comes along, and would clear what was refused before. 403 is what a right password may not do.
/// </remarks>
internal static class HttpLogins
{
    /// <returns>Refused, with what is shown of it in <see cref="PbxEvent.Record"/>; Kind None: nothing to tell.</returns>
    /// <param name="requests">Of the connection; the answer settles one.</param>
    public static PbxEvent Judge(scoped in HttpAnswer answer, HttpRequests requests, Flow asked, long timeTicks, long number)
    {
        if (answer.Status < 200)
        {
            return default;
        }

        var isManager = answer.Status == 200 && IsManagerRefusal(answer.Body);
        var question = requests.Settle();
        var isRefused = answer.Status == 401 && (question is { HasPassword: true } || requests.IsUnclear) && !IsStale(answer.Head);
        if (!isManager && !isRefused)
        {
            return default;
        }

        question ??= new HttpAsked();
        return new PbxEvent
        {
            Kind = question.IsCrossSite ? EventKind.CrossSiteRefused : EventKind.PasswordRefused,
            Origin = Origin.Sip,
            Service = isManager ? Service.Ami : Service.Web,
            Transport = Transport.Tcp,
            Proof = Proof.Proven,
            Source = asked.From.Address,
            Port = asked.From.Port,
            TimeTicks = timeTicks,
            Account = question.Account,
            Detail = isManager ? "Authentication failed"u8 : answer.StatusLine,
            Record = Record(question, isManager ? "Authentication failed"u8 : answer.StatusLine),
            Line = number,
        };
    }

    private static bool IsManagerRefusal(ReadOnlySpan<byte> body) =>
        body.StartsWith("Response: Error\r\nMessage: Authentication failed\r\n"u8)
        || body.StartsWith("<ajax-response>\n<response type='object' id='unknown'><generic response='Error' message='Authentication failed' />"u8)
        || (body.StartsWith("<title>Asterisk"u8) && body.IndexOf("<tr><td>Message</td><td>Authentication failed</td></tr>"u8) > 0);

    // The right password with a nonce that is too old.
    private static bool IsStale(ReadOnlySpan<byte> head) => head.IndexOf("stale=true"u8) >= 0;

    // The name in front, as evidence finds it (Detector): a path can't come before it.
    private static byte[] Record(HttpAsked question, ReadOnlySpan<byte> said) => [.. "AccountID=\""u8, .. question.Account, .. "\" "u8, .. question.Text, .. ": "u8, .. said];
}
