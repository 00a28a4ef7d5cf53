using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Ringfence.Core.Configuration;
using Ringfence.Core.Outer;
using Ringfence.Notifiers;

namespace Ringfence.Outer;

/// <summary>Makes the calls that the operator wrote: a program without a shell, or HTTP with the certificate checked, bounded in time and bytes.</summary>
internal sealed class OuterDevice(OuterSettings settings, TimeProvider clock) : IDisposable
{
    // A small router works off a request in seconds.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private const int KeptBytes = 64 * 1024;

    // Of one subject a device has one entry, or what others wrote beside ours.
    private const int MostIds = 8;

    private readonly Lock _lock = new();
    private SocketsHttpHandler? _handler;
    private DateTimeOffset _made = clock.GetUtcNow();

    /// <summary>While nothing is told: each quarter of an hour the authority's file is read anew.</summary>
    public void Renew()
    {
        if (clock.GetUtcNow() - _made > TimeSpan.FromMinutes(15))
        {
            Dispose();
            _made = clock.GetUtcNow();
        }
    }

    public async Task<Answer> TellAsync(OuterCall call, CancellationToken stop)
    {
        if (!call.Lifts)
        {
            return await DoAsync(settings.Ban!, call.Ban, null, isGoneFine: false, stop);
        }

        if (settings.Find is null)
        {
            return await DoAsync(settings.Unban!, call.Ban, null, isGoneFine: true, stop);
        }

        var (failure, ids) = await FindAsync(call.Ban, stop);
        var answer = failure ?? Answer.Taken("it has no such entry");
        foreach (var id in ids)
        {
            answer = await DoAsync(settings.Unban!, call.Ban, id, isGoneFine: true, stop);
            if (answer.Kind != AnswerKind.Taken)
            {
                break;
            }
        }

        return answer;
    }

    public async Task<Answer> TellAllAsync(IReadOnlyList<OuterBan> bans, CancellationToken stop)
    {
        if (settings.All is OuterProgram command)
        {
            return await FedCommand.RunAsync(command.Words[0], [.. command.Words.Skip(1)], Encoding.ASCII.GetBytes(OuterTemplate.Lines(bans)), [], clock, stop);
        }

        var request = (OuterRequest)settings.All!;
        return (await SendAsync(request, request.Url, OuterTemplate.FillAll(request.Body!, bans, settings.Item, clock.GetUtcNow()), isGoneFine: false, stop)).Answer;
    }

    public void Dispose()
    {
        _handler?.Dispose();
        _handler = null;
    }

    private async Task<Answer> DoAsync(OuterAction action, OuterBan ban, string? id, bool isGoneFine, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        if (action is OuterProgram command)
        {
            return await FedCommand.RunAsync(command.Words[0], [.. command.Words.Skip(1).Select(word => OuterTemplate.Fill(word, ban, now))], [], [], clock, stop);
        }

        var request = (OuterRequest)action;
        return (await SendAsync(request, Url(request, ban, id, now), request.Body is { } body ? OuterTemplate.Fill(body, ban, now, id: id) : null, isGoneFine, stop)).Answer;
    }

    private async Task<(Answer? Failure, IReadOnlyList<string> Ids)> FindAsync(OuterBan ban, CancellationToken stop)
    {
        var request = (OuterRequest)settings.Find!;
        var (answer, body) = await SendAsync(request, Url(request, ban, null, clock.GetUtcNow()), null, isGoneFine: false, stop);
        if (answer.Kind != AnswerKind.Taken)
        {
            return (answer, []);
        }

        try
        {
            using var json = JsonDocument.Parse(body);
            List<string> ids = [.. Ids(json.RootElement, settings.Id.Split('/')).Distinct().Take(MostIds + 1)];
            return ids.Count > MostIds
                ? (Answer.TryAgain($"{request.Server.Authority}: find found more than {MostIds} entries for {ban.Subject}: does it ask for one address?"), [])
                : ids.Find(id => !IsId(id)) is { } odd ? (Answer.TryAgain($"{request.Server.Authority}: \"{Attempt.Safe(odd)}\" is no id that can be put into a URL"), [])
                : (null, ids);
        }
        catch (JsonException)
        {
            return (Answer.TryAgain($"{request.Server.Authority}: the answer to find is no JSON: {Attempt.Safe(Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 200))))}"), []);
        }
    }

    // RouterOS' are *1F, others' hexadecimal digits or UUIDs.
    private static bool IsId(string id) => id.Length is > 0 and <= 100 && id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '*' or '-' or '_');

    private static IEnumerable<string> Ids(JsonElement json, ReadOnlyMemory<string> path) => json.ValueKind switch
    {
        JsonValueKind.Array => json.EnumerateArray().SelectMany(one => Ids(one, path)),
        JsonValueKind.Object when path.Length > 0 && json.TryGetProperty(path.Span[0], out var member) => Ids(member, path[1..]),
        JsonValueKind.String when path.Length == 0 => [json.GetString()!],
        JsonValueKind.Number when path.Length == 0 => [json.GetRawText()],
        _ => [],
    };

    // An id has nothing in it that a URL can't have, and RouterOS wants its star as it is.
    private static string Url(OuterRequest request, OuterBan ban, string? id, DateTimeOffset now) =>
        OuterTemplate.Fill(request.Url, ban, now, value => value == id ? value : Uri.EscapeDataString(value), id);

    private async Task<(Answer Answer, byte[] Body)> SendAsync(OuterRequest action, string url, string? body, bool isGoneFine, CancellationToken stop)
    {
        // Never the whole URL: people put tokens into its path.
        var where = action.Server.Authority;
        byte[] kept = [];
        var answer = await Attempt.RunAsync(where, Limit, clock, async token =>
        {
            using var http = new HttpClient(Handler(action.Server.Host), disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
            using var request = new HttpRequestMessage(new HttpMethod(action.Method), url);
            request.Content = body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Ringfence", Versions.Own));
            SetHeaders(request, body);
            try
            {
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
                kept = await BeginningAsync(response, token);
                return AnswerOf(where, response, kept, isGoneFine);
            }
            catch (HttpRequestException e)
            {
                return Answer.TryAgain(Attempt.Safe($"{where}: {Why(e)}"));
            }
        }, stop);
        return (answer, kept);
    }

    private static string Why(HttpRequestException e) => e.InnerException switch
    {
        System.Security.Authentication.AuthenticationException => $"its certificate is not believed: {e.InnerException.Message}; ca names a file with the right one",
        { Message: var message } => message,
        null => e.Message,
    };

    private void SetHeaders(HttpRequestMessage request, string? body)
    {
        var type = body?.TrimStart() is ['<', ..] ? "application/xml" : "application/json";
        foreach (var header in settings.Headers)
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = (header[..colon], header[(colon + 1)..].Trim());
            if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            {
                type = value;
            }
            else
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        request.Content?.Headers.TryAddWithoutValidation("Content-Type", type);
    }

    private Answer AnswerOf(string where, HttpResponseMessage response, byte[] body, bool isGoneFine)
    {
        var status = (int)response.StatusCode;
        var text = Encoding.UTF8.GetString(body);
        var words = string.Create(CultureInfo.InvariantCulture, $"{where}: {status} {Attempt.Safe(text.Trim())}").TrimEnd();
        return status switch
        {
            >= 200 and < 300 => Answer.Taken(words),
            404 or 410 when isGoneFine => Answer.Taken($"{where}: {status}: it has no such entry"),
            _ when settings.Already.Any(known => text.Contains(known, StringComparison.OrdinalIgnoreCase)) => Answer.Taken($"{words} (it is so already)"),
            >= 300 and < 400 => Answer.TryAgain($"{words}; redirections are not followed: give the URL that it points to"),
            401 or 403 => Answer.TryAgain($"{words}; check header"),
            _ => Answer.TryAgain(words),
        };
    }

    private static async Task<byte[]> BeginningAsync(HttpResponseMessage response, CancellationToken stop)
    {
        var kept = new byte[KeptBytes];
        await using var stream = await response.Content.ReadAsStreamAsync(stop);
        var length = await stream.ReadAtLeastAsync(kept, kept.Length, throwOnEndOfStream: false, stop);
        return kept[..length];
    }

    private SocketsHttpHandler Handler(string host)
    {
        lock (_lock)
        {
            return _handler ??= new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
                MaxResponseHeadersLength = 32,
                PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
                SslOptions = ServerTrust.Of(host, settings.CaFile),
            };
        }
    }
}
