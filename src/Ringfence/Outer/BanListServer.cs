using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ringfence.Core.Configuration;
using Ringfence.Core.Outer;

namespace Ringfence.Outer;

/// <summary>Serves the list of bans to firewalls that fetch it, and nothing else.</summary>
/// <remarks>docs/outer.md.</remarks>
internal sealed class BanListServer(BanListSettings settings, CurrentBans bans, TimeProvider clock)
{
    private const int MostConnections = 64;

    // A firewall fetches by one, and another one behind the same address does too.
    private const int MostOfSource = 8;

    // A hundred thousand bans are some 2 MB.
    private static readonly TimeSpan LongestConnection = TimeSpan.FromMinutes(2);

    private readonly byte[]? _token = settings.Token is { } token ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;
    private volatile Rendered? _rendered;

    /// <summary>What is heard of connections.</summary>
    internal ConnectionBounds Bounds { get; } = new(
        source => settings.Allow.Count == 0 || settings.Allow.Any(network => network.Contains(source)), MostConnections, MostOfSource, LongestConnection, clock);

    /// <summary>A part for the supervisor.</summary>
    /// <exception cref="IOException">It can't listen there.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        await using var app = await StartAsync(stop);
        await Task.Delay(Timeout.InfiniteTimeSpan, stop);
    }

    /// <returns>Listening; disposing it ends it.</returns>
    internal Task<WebApplication> StartAsync(CancellationToken stop) => BoundedServer.StartAsync(
        settings.Listen!,
        "the list",
        static limits => (limits.MaxRequestBodySize, limits.MaxRequestHeadersTotalSize) = (0, 8192),
        Bounds.Guard,
        AnswerAsync,
        stop);

    private Task AnswerAsync(HttpContext context)
    {
        // Whoever may not have it learns no more than that there is nothing.
        var file = FileOf(context);
        if (file is null || bans.Bans is not { } current || !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        var rendered = Of(current);
        var (type, body, tag) = (file, context.Request.Query["family"].ToString()) switch
        {
            ("bans.json", _) => rendered.Json,
            (_, "4") => rendered.Text4,
            (_, "6") => rendered.Text6,
            _ => rendered.Text,
        };
        context.Response.Headers.ETag = tag;
        context.Response.Headers.CacheControl = "no-cache";
        if (context.Request.Headers.IfNoneMatch.ToString().Split(',', StringSplitOptions.TrimEntries).Any(known => known == "*" || known == tag || known == $"W/{tag}"))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    /// <returns>What is asked for by who may have it; null: nothing.</returns>
    private string? FileOf(HttpContext context)
    {
        var parts = (context.Request.Path.Value ?? "").Split('/');
        var (given, file) = parts switch
        {
            ["", var name] => (context.Request.Headers.Authorization.ToString() is ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var token] ? token : "", name),
            ["", var token, var name] => (token, name),
            _ => ("", ""),
        };
        var isKnown = _token is null ? parts.Length == 2 : CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), _token);
        return isKnown && file is "bans.txt" or "bans.json" ? file : null;
    }

    // Once for each change, whoever asks how often.
    private Rendered Of(IReadOnlyList<OuterBan> current)
    {
        var rendered = _rendered;
        return rendered is not null && ReferenceEquals(rendered.Bans, current) ? rendered : _rendered = new Rendered(current);
    }

    private sealed class Rendered(IReadOnlyList<OuterBan> bans)
    {
        public IReadOnlyList<OuterBan> Bans => bans;

        public (string Type, byte[] Body, string Tag) Text { get; } = Lines(bans);

        public (string Type, byte[] Body, string Tag) Text4 { get; } = Lines([.. bans.Where(static ban => ban.Subject.IsIPv4)]);

        public (string Type, byte[] Body, string Tag) Text6 { get; } = Lines([.. bans.Where(static ban => !ban.Subject.IsIPv4)]);

        public (string Type, byte[] Body, string Tag) Json { get; } = Tagged("application/json", AsJson(bans));

        private static (string, byte[], string) Lines(IReadOnlyList<OuterBan> bans) => Tagged("text/plain; charset=us-ascii", Encoding.ASCII.GetBytes(OuterTemplate.Lines(bans)));

        private static (string, byte[], string) Tagged(string type, byte[] body) => (type, body, $"\"{Convert.ToHexStringLower(SHA256.HashData(body))[..32]}\"");

        private static byte[] AsJson(IReadOnlyList<OuterBan> bans)
        {
            using var bytes = new MemoryStream();
            using (var json = new Utf8JsonWriter(bytes))
            {
                json.WriteStartObject();
                json.WriteStartArray("bans");
                foreach (var ban in bans)
                {
                    json.WriteStartObject();
                    json.WriteString("network", ban.Subject.ToString());
                    json.WriteString("until", ban.Until?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
                    json.WriteString("rule", ban.Rule);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            return bytes.ToArray();
        }
    }
}
