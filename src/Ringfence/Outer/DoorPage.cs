using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Knock;

namespace Ringfence.Outer;

/// <summary>What became of requests at the page since the start.</summary>
/// <param name="Refused">A wrong name or password.</param>
/// <param name="Waiting">Tries that were sent away to wait.</param>
internal readonly record struct PageCounts(long Opened, long Refused, long Waiting);

/// <summary>The page at which a user opens the door for the address that he is at: a form, and nothing else.</summary>
/// <remarks>docs/perimeter.md. No session, no cookie, no script. No answer tells whether a user exists, and each costs the same hash.</remarks>
/// <param name="open">Opens for a user and his address; returns until when, or null: the door can't be opened.</param>
/// <param name="refused">Is told of each try that failed, also of one that had to wait because its source had failed before; never of one that had to wait for others.</param>
internal sealed partial class DoorPage(
    PageSettings settings,
    IEnumerable<KnockUser> users,
    Func<string, Address, Task<DateTimeOffset?>> open,
    Func<Address, ValueTask> refused,
    TimeProvider clock,
    ILogger log) : IDisposable
{
    private const int MostConnections = 128;
    private const int MostOfSource = 8;

    // A phone on a bad network needs seconds; a page is one question and one answer.
    private static readonly TimeSpan LongestConnection = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // A place in the line is asked for 25 times: 5 s, which nobody takes for a page that hangs.
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);
    private const int MostGlances = 25;

    private readonly Dictionary<string, PagePassword> _passwords = users.Where(static user => user.Password is not null).ToDictionary(static user => user.Name, static user => user.Password!, StringComparer.Ordinal);
    private readonly PageGuesses _guesses = new();
    private readonly PageToken _token = new(NewKey());

    // Whoever asks the guesses; no longer than that.
    private readonly Lock _asking = new();

    // One hash at a time: calls are carried by the same processor.
    private readonly SemaphoreSlim _turn = new(1);
    private long _opened;
    private long _refusals;
    private long _waits;

    public PageCounts Counts => new(Volatile.Read(ref _opened), Volatile.Read(ref _refusals), Volatile.Read(ref _waits));

    /// <summary>What is heard of connections; null: it does not listen.</summary>
    internal ConnectionBounds? Bounds { get; private set; }

    /// <summary>A part for the supervisor.</summary>
    /// <exception cref="IOException">It can't listen there, or has no certificate.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var certificate = settings.Certificate is null ? null : new PageCertificate(settings, clock, log);
        await using var app = await StartAsync(certificate, stop);
        await Task.Delay(Timeout.InfiniteTimeSpan, stop);
    }

    /// <param name="certificate">null: a proxy speaks TLS.</param>
    /// <returns>Listening; disposing it ends it.</returns>
    internal Task<WebApplication> StartAsync(PageCertificate? certificate, CancellationToken stop)
    {
        var bounds = Bounds = settings.Proxy is { } proxy
            ? new ConnectionBounds(source => source == proxy, MostConnections, MostConnections, TimeSpan.FromHours(1), clock)
            : new ConnectionBounds(static _ => true, MostConnections, MostOfSource, LongestConnection, clock);
        return BoundedServer.StartAsync(
            settings.Listen!,
            "the page",
            static limits =>
            {
                limits.MaxRequestBodySize = PageForm.MostBytes;
                limits.MaxRequestHeadersTotalSize = 16 * 1024;
                limits.MaxRequestHeaderCount = 60;
                limits.MinRequestBodyDataRate = new MinDataRate(240, Patience);
            },
            endpoint =>
            {
                bounds.Guard(endpoint);
                if (certificate is not null)
                {
                    endpoint.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(certificate.Options), HandshakeTimeout = Patience });
                }
            },
            AnswerAsync,
            stop);
    }

    public void Dispose() => _turn.Dispose();

    private static byte[] NewKey()
    {
        var key = new byte[32];
        SystemRandom.Fill(key);
        return key;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = PageText.Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (context.Request.Path != "/" || SourceOf(context) is not { } source)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        {
            await SayAsync(context, StatusCodes.Status200OK, Form(source, ""));
        }
        else if (HttpMethods.IsPost(context.Request.Method))
        {
            await TryAsync(context, source);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            headers.Allow = "GET, HEAD, POST";
        }
    }

    private async Task TryAsync(HttpContext context, Address source)
    {
        // A browser says so by itself when another site's page sent the form; the token holds for the others.
        var form = context.Request.Headers["Sec-Fetch-Site"] == "cross-site" ? null : await ReadAsync(context);
        if (form is null || !_token.Fits(form.Token, source, clock.GetUtcNow()))
        {
            await SayAsync(context, StatusCodes.Status400BadRequest, Form(source, "This form is too old, or your address has changed since. Try again."));
            return;
        }

        var (turn, wait, _) = await TurnAsync(source, context.RequestAborted);
        if (turn is not PageTurn.Now)
        {
            Interlocked.Increment(ref _waits);
            if (turn is PageTurn.OwnWait)
            {
                await refused(source);
            }

            var seconds = (long)Math.Ceiling(Math.Max(1, wait.TotalSeconds));
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            await SayAsync(context, StatusCodes.Status429TooManyRequests, Form(source, $"{(turn is PageTurn.OwnWait ? "Too many tries." : "Many others are trying just now.")} Wait {Duration.Words(TimeSpan.FromSeconds(seconds))}."));
            return;
        }

        if (!await IsRightAsync(form, source))
        {
            Interlocked.Increment(ref _refusals);
            LogRefused(source);
            await refused(source);
            await SayAsync(context, StatusCodes.Status403Forbidden, Form(source, "Name or password is not right."));
            return;
        }

        if (await open(form.User, source) is not { } until)
        {
            await SayAsync(context, StatusCodes.Status503ServiceUnavailable, PageText.Says("Not open", "You are known, and the door can't be opened now. Who runs this telephone system finds the reason in ringfence status."));
            return;
        }

        Interlocked.Increment(ref _opened);
        await SayAsync(context, StatusCodes.Status200OK, PageText.Says("The door is open", $"For {source}, until {until.UtcDateTime:yyyy-MM-dd HH:mm} UTC. You may close this page; come again when your address has changed."));
    }

    // It may be tried, or what he has to wait for.
    private async Task<PageDecision> TurnAsync(Address source, CancellationToken gone)
    {
        var decision = Ask(() => _guesses.Try(source, clock.GetUtcNow()));
        if (decision.Place is not { } place)
        {
            return decision;
        }

        try
        {
            for (var glance = 0; glance < MostGlances && decision.Turn is PageTurn.InLine; glance++)
            {
                await Task.Delay(Glance, clock, gone);
                decision = Ask(() => _guesses.Again(place, clock.GetUtcNow()));
            }
        }
        finally
        {
            var busy = Ask(() => _guesses.Leave(place, clock.GetUtcNow()));
            decision = decision.Turn is PageTurn.InLine ? busy : decision;
        }

        return decision;
    }

    private async Task<bool> IsRightAsync(PageForm form, Address source)
    {
        // His try is counted by now, so it is looked at even if he has gone.
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            var isKnown = _passwords.TryGetValue(form.User, out var password);
            var right = await Task.Run(() => (password ?? PagePassword.Nobodys).Fits(form.Password), CancellationToken.None) && isKnown;
            if (right)
            {
                lock (_asking)
                {
                    _guesses.Succeed(source);
                }
            }

            return right;
        }
        finally
        {
            _turn.Release();
        }
    }

    private PageDecision Ask(Func<PageDecision> question)
    {
        lock (_asking)
        {
            return question();
        }
    }

    private string Form(Address source, string message) => PageText.Form(_token.For(source, clock.GetUtcNow()), message);

    /// <returns>Who asks; null: nobody knows, or nobody for whom a door could open.</returns>
    private Address? SourceOf(HttpContext context)
    {
        var source = settings.Proxy is null
            ? context.Connection.RemoteIpAddress is { } peer ? Address.From(peer) : null
            : PageForm.Forwarded(context.Request.Headers["X-Forwarded-For"].ToArray());
        return source is { } address && KnockGate.IsHost(address) ? address : null;
    }

    private static async Task<PageForm?> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentType?.Split(';')[0].Trim() is not "application/x-www-form-urlencoded")
        {
            return null;
        }

        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            return PageForm.Read(body.GetBuffer().AsSpan(0, (int)body.Length));
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException)
        {
            // Too long, or too slow.
            return null;
        }
    }

    private static Task SayAsync(HttpContext context, int status, string page)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return Task.CompletedTask;
        }

        var bytes = System.Text.Encoding.UTF8.GetBytes(page);
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    [LoggerMessage(2860, LogLevel.Information, "The page refused a name or password from {Address}")]
    private partial void LogRefused(Address address);
}
