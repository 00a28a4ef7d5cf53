using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Notices;

namespace Ringfence.Notifiers;

/// <summary>Tells an HTTP server, by POST.</summary>
internal sealed class Webhook(NotifierSettings settings, TimeProvider clock) : INotifier
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private const int KeptBytes = 1024;

    public async Task<Answer> SendAsync(NoticeMessage message, CancellationToken stop)
    {
        // Never the whole URL: people put tokens into its path.
        var where = $"{settings.Url!.Host}:{settings.Url.Port}";
        var body = NoticeBody.Json(message);
        return await Attempt.RunAsync(where, Limit, clock, token => PostAsync(where, body, token), stop);
    }

    private async Task<Answer> PostAsync(string where, byte[] body, CancellationToken stop)
    {
        // A connection for each message: they are few, a dead one is never met, and an authority that was renewed is read.
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, MaxResponseHeadersLength = 16, SslOptions = ServerTrust.Of(settings.Url!.Host, settings.CaFile) };
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        using var request = new HttpRequestMessage(HttpMethod.Post, settings.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Ringfence", Versions.Own));
        if (settings.Token is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (settings.Secret is { } secret)
        {
            request.Headers.Add("X-Ringfence-Signature", $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body))}");
        }

        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
            return Of(where, response.StatusCode, await BeginningAsync(response, stop));
        }
        catch (HttpRequestException e)
        {
            return Answer.TryAgain(Attempt.Safe($"{where}: {(e.InnerException ?? e).Message}"));
        }
    }

    private static Answer Of(string where, HttpStatusCode status, string said)
    {
        var words = $"{where}: HTTP {(int)status}{(said.Length == 0 ? "" : $": {said}")}";
        return (int)status switch
        {
            >= 200 and < 300 => Answer.Taken(words),

            // What these say can be about this one body alone (RFC 9110 sections 15.5.1, 15.5.14, 15.5.21): it is not held against the next.
            400 or 413 or 422 => Answer.Refused(words),
            >= 300 and < 400 => Answer.TryAgain($"{words}; redirections are not followed: give the URL that it points to"),
            401 or 403 or 407 => Answer.TryAgain($"{words}; check token, secret and url"),
            404 or 405 or 410 => Answer.TryAgain($"{words}; check url"),

            // Down, busy, or set up wrongly, which somebody mends: nothing is lost until then.
            _ => Answer.TryAgain(words),
        };
    }

    private static async Task<string> BeginningAsync(HttpResponseMessage response, CancellationToken stop)
    {
        var kept = new byte[KeptBytes];
        await using var stream = await response.Content.ReadAsStreamAsync(stop);
        var length = 0;
        int count;
        while (length < kept.Length && (count = await stream.ReadAsync(kept.AsMemory(length), stop)) > 0)
        {
            length += count;
        }

        return Attempt.Safe(Encoding.UTF8.GetString(kept, 0, length).Trim());
    }
}
