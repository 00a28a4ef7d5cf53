using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Ringfence.Core.Events;
using Ringfence.Enforcement;

namespace Ringfence.Api;

/// <summary>The daemon's HTTP API on a unix socket, for the verbs and whoever may open the socket: its file mode is the permission.</summary>
/// <remarks>docs/json.md.</remarks>
internal sealed class ApiServer : IAsyncDisposable
{
    private const int MaxBodyBytes = 16 * 1024;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);
    private readonly WebApplication _app;
    private readonly ApiSocket _socket;

    private ApiServer(WebApplication app, ApiSocket socket)
    {
        _app = app;
        _socket = socket;
    }

    /// <summary>Serves until stopped: a part for the supervisor, in a process that holds <see cref="OneGuard"/>.</summary>
    /// <exception cref="ApiException">The socket can't be had.</exception>
    /// <param name="listens">Called when the socket accepts.</param>
    public static async Task ServeAsync(IDaemon daemon, string socketPath, Action listens, ILoggerFactory loggers, CancellationToken stop)
    {
        await using var api = await StartAsync(daemon, socketPath, loggers, stop);
        listens();
        using var look = new PeriodicTimer(LookEvery);
        while (await look.WaitForNextTickAsync(stop))
        {
            // Whoever cleans up /run or /tmp would leave a guard that nobody can ask, and that every verb takes for dead.
            if (!File.Exists(socketPath))
            {
                throw new ApiException($"{socketPath}: somebody removed the socket; it is made anew");
            }
        }
    }

    /// <param name="stop">Ends what is being changed; nothing else does, least of all a client that goes away.</param>
    /// <returns>Listening; disposing it ends it and removes the socket.</returns>
    /// <exception cref="ApiException">The socket can't be had.</exception>
    public static async Task<ApiServer> StartAsync(IDaemon daemon, string socketPath, ILoggerFactory loggers, CancellationToken stop)
    {
        var socket = ApiSocket.Bind(socketPath);
        var api = new ApiServer(Build(daemon, socket, loggers, stop), socket);
        try
        {
            await api._app.StartAsync(stop);
        }
        catch (IOException e)
        {
            await api.DisposeAsync();
            throw new ApiException($"{socketPath}: can't listen there: {e.Message}", e);
        }

        return api;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _socket.Dispose();
    }

    private static WebApplication Build(IDaemon daemon, ApiSocket socket, ILoggerFactory loggers, CancellationToken stop)
    {
        // Empty and not slim: slim reads appsettings.json of the current directory and ASPNETCORE_* variables, which could open a port.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<SocketTransportOptions>(options => options.CreateBoundListenSocket = _ => socket.Socket);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;

            // Whoever opens connections and says nothing, or half a request, must not lock out status and unban. A connection that has not said
            // a byte yet is ended by the keep-alive's limit and not by that of the headers.
            kestrel.Limits.MaxConcurrentConnections = 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(5);
            kestrel.Limits.MinRequestBodyDataRate = new Microsoft.AspNetCore.Server.Kestrel.Core.MinDataRate(240, TimeSpan.FromSeconds(5));
            kestrel.ListenUnixSocket(((System.Net.Sockets.UnixDomainSocketEndPoint)socket.Socket.LocalEndPoint!).ToString());
        });
        var app = builder.Build();
        Map(app, daemon, stop);
        return app;
    }

    private static void Map(WebApplication app, IDaemon daemon, CancellationToken stop)
    {
        // A question ends with whoever asked it. A change does not: Ctrl-C of "ringfence ban" between journal and kernel would leave a ban that is
        // in the one and not in the other.
        app.MapGet("/v1/status", context => AnswerAsync(context, ApiJson.Default.StatusReport, daemon.StatusAsync));
        app.MapGet("/v1/bans", context => AnswerAsync(context, ApiJson.Default.BansReport, daemon.BansAsync));
        app.MapGet("/v1/watched", context => AnswerAsync(context, ApiJson.Default.WatchedListReport, daemon.WatchedAsync));
        app.MapPost("/v1/bans", context => AnswerAsync(context, ApiJson.Default.ChangeReport, async gone =>
            await daemon.BanAsync(Request(await BodyAsync(context, ApiJson.Default.BanBody, gone)), stop)));
        app.MapDelete("/v1/bans/{**network}", context => AnswerAsync(context, ApiJson.Default.ChangeReport, _ =>
            daemon.UnbanAsync(NetworkOf(context), IsDryRun(context), stop)));
        app.MapGet("/v1/trust", context => AnswerAsync(context, ApiJson.Default.TrustListReport, daemon.TrustedAsync));
        app.MapPost("/v1/trust", context => AnswerAsync(context, ApiJson.Default.ChangeReport, async gone =>
            await daemon.TrustAsync(Request(await BodyAsync(context, ApiJson.Default.TrustBody, gone)), stop)));
        app.MapDelete("/v1/trust/{**network}", context => AnswerAsync(context, ApiJson.Default.ChangeReport, _ =>
            daemon.UntrustAsync(NetworkOf(context), IsDryRun(context), stop)));
        app.MapGet("/v1/why/{**network}", context => AnswerAsync(context, ApiJson.Default.WhyReport, gone => daemon.WhyAsync(NetworkOf(context), gone)));
        app.MapPost("/v1/notify/test/{name?}", context => AnswerAsync(context, ApiJson.Default.NotifyTestReport, gone =>
            daemon.NotifyTestAsync(context.Request.RouteValues["name"] as string, gone)));
        app.MapPost("/v1/feeds/update/{name?}", context => AnswerAsync(context, ApiJson.Default.FeedsReport, gone =>
            daemon.UpdateFeedsAsync(context.Request.RouteValues["name"] as string, string.Equals(context.Request.Query["force"], "true", StringComparison.Ordinal), gone)));
        app.MapPost("/v1/outer/test/{name}", context => AnswerAsync(context, ApiJson.Default.OuterTestReport, gone => daemon.OuterTestAsync((string)context.Request.RouteValues["name"]!, gone)));
        app.MapPost("/v1/outer/sync/{name}", context => AnswerAsync(context, ApiJson.Default.OuterSyncReport, gone => daemon.OuterSyncAsync((string)context.Request.RouteValues["name"]!, gone)));
        app.MapDelete("/v1/roaming/{who}", context => AnswerAsync(context, ApiJson.Default.DoorsClosedReport, _ => daemon.CloseDoorAsync((string)context.Request.RouteValues["who"]!, stop)));
        app.MapGet("/v1/calls", context => AnswerAsync(context, ApiJson.Default.LiveCallsReport, daemon.LiveCallsAsync));
        app.MapDelete("/v1/calls/stops/{number}", context => AnswerAsync(context, ApiJson.Default.LiftReport, _ => daemon.LiftAsync(StopOf(context), stop)));
        app.MapFallback(context => WriteAsync(
            context, StatusCodes.Status404NotFound, ApiJson.Default.ErrorReport, new ErrorReport("no such thing here: see docs/json.md")));
    }

    private static async Task AnswerAsync<T>(HttpContext context, JsonTypeInfo<T> type, Func<CancellationToken, ValueTask<T>> ask)
    {
        try
        {
            await WriteAsync(context, StatusCodes.Status200OK, type, await ask(context.RequestAborted));
        }
        catch (BadRequestException bad)
        {
            await FailAsync(context, StatusCodes.Status400BadRequest, bad.Message);
        }
        catch (BadHttpRequestException bad)
        {
            await FailAsync(context, bad.StatusCode, bad.Message);
        }
        catch (RefusedException refused)
        {
            await FailAsync(context, StatusCodes.Status409Conflict, refused.Message);
        }
        catch (FirewallException failed)
        {
            await FailAsync(context, StatusCodes.Status503ServiceUnavailable, failed.Message);
        }
        catch (IOException failed) when (!context.RequestAborted.IsCancellationRequested)
        {
            await FailAsync(context, StatusCodes.Status503ServiceUnavailable, failed.Message);
        }
        catch (UnauthorizedAccessException failed)
        {
            await FailAsync(context, StatusCodes.Status503ServiceUnavailable, failed.Message);
        }
    }

    private static Task FailAsync(HttpContext context, int status, string error) =>
        WriteAsync(context, status, ApiJson.Default.ErrorReport, new ErrorReport(error));

    private static async Task WriteAsync<T>(HttpContext context, int status, JsonTypeInfo<T> type, T value)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, value, type, context.RequestAborted);
    }

    private static async ValueTask<T> BodyAsync<T>(HttpContext context, JsonTypeInfo<T> type, CancellationToken stop)
        where T : class
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, stop) ?? throw new BadRequestException("the body is null: expected an object");
        }
        catch (JsonException e)
        {
            throw new BadRequestException($"the body is not the JSON that was expected: {e.Message}");
        }
    }

    /// <exception cref="BadRequestException">What is asked for can't be done.</exception>
    internal static BanRequest Request(BanBody body)
    {
        var request = new BanRequest(Subject(body.Subject), Duration(body.Seconds, body.Permanent), ReasonOr(body.Reason, "banned by hand"), body.Force, body.DryRun);
        return Limits.ProblemOf(request) is { } problem ? throw new BadRequestException(problem) : request;
    }

    /// <inheritdoc cref="Request(BanBody)"/>
    internal static TrustRequest Request(TrustBody body)
    {
        var request = new TrustRequest(Subject(body.Subject), Duration(body.Seconds, body.Permanent), ReasonOr(body.Reason, "trusted by hand"), body.DryRun);
        return Limits.ProblemOf(request) is { } problem ? throw new BadRequestException(problem) : request;
    }

    private static string ReasonOr(string? reason, string otherwise) => string.IsNullOrWhiteSpace(reason) ? otherwise : reason.Trim();

    private static Network Subject(string? text) => text is not null && Network.Parse(text) is { } network
        ? network
        : throw new BadRequestException("subject: expected an address or a network such as 203.0.113.5, 203.0.113.0/24 or 2001:db8::/32");

    private static TimeSpan? Duration(long? seconds, bool permanent) => (seconds, permanent) switch
    {
        (null, true) => null,
        // Out of range is said by Limits; a number that TimeSpan can't hold must get there first.
        ({ } number, false) => TimeSpan.FromSeconds(Math.Clamp(number, -1, (long)Limits.Longest.TotalSeconds + 1)),
        _ => throw new BadRequestException("expected either seconds (a whole number) or permanent: true"),
    };

    private static Network NetworkOf(HttpContext context)
    {
        // Routing leaves %2F alone, so that it can't make two segments out of one.
        var text = (context.Request.RouteValues["network"] as string ?? "").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return Subject(text);
    }

    private static int? StopOf(HttpContext context) => (context.Request.RouteValues["number"] as string) switch
    {
        "all" => null,
        var text when int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) => number,
        _ => throw new BadRequestException("expected the number of a stop, or all"),
    };

    private static bool IsDryRun(HttpContext context) => string.Equals(context.Request.Query["dry_run"], "true", StringComparison.Ordinal);

    internal sealed class BadRequestException(string message) : Exception(message);
}
