using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Core.Lists;
using Ringfence.Sources;

namespace Ringfence.Feeds;

/// <summary>What came of asking for a list.</summary>
/// <param name="Body">null: nothing has changed.</param>
/// <param name="IsWhole">The server said how long it is, and so long it was.</param>
internal sealed record Downloaded(byte[]? Body, bool IsWhole, string? ETag, string? LastModified);

/// <summary>The list did not come; the message says why, for people, and never shows the path of a URL, which may hold a key.</summary>
internal sealed class FeedException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The server does not want to be asked again before.</summary>
    public TimeSpan? After { get; init; }

    /// <summary>The server's status; null: it did not come to one.</summary>
    public int? Status { get; init; }
}

/// <summary>Fetches a list from a server that may be slow, broken or evil: all bounded, in time and bytes.</summary>
internal sealed class FeedDownload(FeedSettings settings, TimeProvider clock)
{
    private const int MostRedirects = 5;
    private const string BrokeOff = "it broke off in the middle";

    private static readonly ProtectedNetworks Special = new(ProtectedNetworks.Special);

    /// <param name="before">The validators of what is held; null: nothing is.</param>
    /// <exception cref="FeedException">It did not come.</exception>
    public async Task<Downloaded> GetAsync(Uri url, ListFacts? before, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(settings.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        try
        {
            return await FollowAsync(url, before, either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new FeedException($"{url.Host}: not done within {Duration.Words(settings.Timeout)} (timeout)");
        }
        catch (HttpRequestException e) when (e.InnerException is FeedException)
        {
            // Ours, from the connection.
            throw new FeedException(e.InnerException.Message, e);
        }
        catch (HttpRequestException e)
        {
            throw new FeedException(Safe($"{url.Host}: {Why(e)}"), e);
        }
        catch (HttpIOException e) when (e.HttpRequestError == HttpRequestError.ResponseEnded)
        {
            throw new FeedException($"{url.Host}: {BrokeOff}", e);
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or InvalidDataException)
        {
            throw new FeedException(Safe($"{url.Host}: {e.Message}"), e);
        }
    }

    private async Task<Downloaded> FollowAsync(Uri url, ListFacts? before, CancellationToken stop)
    {
        var hops = new Hops();
        using var handler = Handler(hops);
        using var http = new HttpClient(handler) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
        while (true)
        {
            using var request = Request(url, before);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
            if ((int)response.StatusCode is 301 or 302 or 303 or 307 or 308)
            {
                url = Next(url, response.Headers.Location, hops);
                continue;
            }

            return await TakeAsync(url, response, before, stop);
        }
    }

    private static HttpRequestMessage Request(Uri url, ListFacts? before)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Ringfence", Versions.Own));
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));

        // As the server wrote them: some write what is no ETag by the letter.
        if (before?.ETag is { } tag)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        }

        if (before?.LastModified is { } modified)
        {
            request.Headers.TryAddWithoutValidation("If-Modified-Since", modified);
        }

        return request;
    }

    private static Uri Next(Uri url, Uri? location, Hops hops)
    {
        if (location is null)
        {
            throw new FeedException($"{url.Host}: it redirects to nowhere");
        }

        var next = new Uri(url, location);
        if (++hops.Count > MostRedirects)
        {
            throw new FeedException($"{url.Host}: more than {MostRedirects} redirections: they go round in a circle");
        }

        if (next.Scheme is not ("http" or "https") || (url.Scheme == "https" && next.Scheme == "http"))
        {
            throw new FeedException($"{url.Host}: it redirects from {url.Scheme} to {SafeText.From(Encoding.UTF8.GetBytes(next.Scheme))}, which is not followed");
        }

        return next;
    }

    private SocketsHttpHandler Handler(Hops hops) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        MaxResponseHeadersLength = 32,
        UseProxy = settings.Proxy is not null,
        Proxy = settings.Proxy is { } proxy ? new WebProxy(proxy) : null,

        // A connection for each request: whether its other end is in a private network is asked when it is made.
        PooledConnectionLifetime = TimeSpan.Zero,
        ConnectCallback = async (context, stop) =>
        {
            var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, stop);
            var own = OwnAddresses.Read();
            var isPrivate = addresses.Select(static address => Network.Of(Address.From(address))).Any(address => Special.Touching(address) is not null || own.Contains(address));

            // The operator's own URL may be anywhere. Who answers there may not send us where only we can go.
            if (hops.Count == 0 || settings.Proxy is not null)
            {
                hops.BeganPrivate = isPrivate;
            }
            else if (isPrivate && !hops.BeganPrivate)
            {
                throw new FeedException($"{SafeText.From(Encoding.UTF8.GetBytes(context.DnsEndPoint.Host))}: it redirects into this machine's or a private network, which is not followed");
            }

            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, stop);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                socket.Dispose();
                throw;
            }
        },
    };

    private async Task<Downloaded> TakeAsync(Uri url, HttpResponseMessage response, ListFacts? before, CancellationToken stop)
    {
        var status = (int)response.StatusCode;
        if (status == 304)
        {
            return before is { ETag: not null } or { LastModified: not null }
                ? new Downloaded(null, IsWhole: true, before.ETag, before.LastModified)
                : throw new FeedException($"{url.Host}: it says that nothing has changed, and it was not asked that");
        }

        if (status != 200)
        {
            throw new FeedException($"{url.Host}: HTTP {status}{(status is 401 or 403 ? "; check key" : status is 404 or 410 ? "; check url" : "")}") { Status = status, After = RetryAfter(response) };
        }

        if (response.Content.Headers.ContentLength > settings.MaxBytes)
        {
            throw TooLong(url);
        }

        var coding = string.Join(", ", response.Content.Headers.ContentEncoding);
        if (coding is not ("" or "identity" or "gzip" or "x-gzip"))
        {
            throw new FeedException(Safe($"{url.Host}: it comes packed as {coding}: only gzip was asked for"));
        }

        await using var stream = await response.Content.ReadAsStreamAsync(stop);
        var body = await ReadAsync(stream, url, stop);
        if (coding.Length > 0 && coding != "identity")
        {
            body = await UnpackAsync(body, url, stop);
        }

        // Without either, the end of the connection is the end of the list (RFC 9112 section 6.3), and whatever cut it looks the same.
        var isWhole = response.Content.Headers.ContentLength is not null || response.Headers.TransferEncodingChunked == true || response.Version.Major >= 2 || coding.Length > 0;
        return new Downloaded(body, isWhole, Single(response.Headers.ETag?.ToString()), Single(response.Content.Headers.TryGetValues("Last-Modified", out var modified) ? string.Join("", modified) : null));
    }

    private async Task<byte[]> ReadAsync(Stream stream, Uri url, CancellationToken stop)
    {
        using var taken = new MemoryStream();
        var buffer = new byte[64 << 10];
        int count;
        while ((count = await stream.ReadAsync(buffer, stop)) > 0)
        {
            if (taken.Length + count > settings.MaxBytes)
            {
                throw TooLong(url);
            }

            taken.Write(buffer, 0, count);
        }

        return taken.ToArray();
    }

    private async Task<byte[]> UnpackAsync(byte[] packed, Uri url, CancellationToken stop)
    {
        await using var stream = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        var body = await ReadAsync(stream, url, stop);

        // The last four bytes are the length (RFC 1952 section 2.3.1): what was cut off before it was sent is seen by that.
        return packed.Length >= 18 && BitConverter.ToUInt32(packed, packed.Length - 4) == (uint)body.Length
            ? body
            : throw new FeedException($"{url.Host}: what came is packed and ends in the middle");
    }

    private FeedException TooLong(Uri url) => new($"{url.Host}: it is longer than {settings.MaxBytes >> 20} MiB (max_size)");

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var after = response.Headers.RetryAfter is { } said ? said.Delta ?? (said.Date - clock.GetUtcNow()) : null;
        return after > TimeSpan.Zero ? (after < TimeSpan.FromDays(1) ? after : TimeSpan.FromDays(1)) : null;
    }

    private static string? Single(string? header) => header is { Length: > 0 and <= 200 } && header.All(static character => character is >= ' ' and <= '~') ? header : null;

    private static string Why(HttpRequestException e) => e.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "its name can't be resolved",
        HttpRequestError.ResponseEnded => BrokeOff,
        _ => (e.InnerException ?? e).Message,
    };

    private static string Safe(string text) => SafeText.From(Encoding.UTF8.GetBytes(text)) is var safe && safe.Length > 200 ? safe[..200] : safe;

    /// <summary>How often this download was sent elsewhere, and whether it began in a private network.</summary>
    private sealed class Hops
    {
        public int Count { get; set; }

        public bool BeganPrivate { get; set; }
    }
}
