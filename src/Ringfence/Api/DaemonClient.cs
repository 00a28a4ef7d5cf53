using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ringfence.Core.Events;

namespace Ringfence.Api;

/// <summary>The running daemon, seen through its socket.</summary>
/// <remarks>Every member throws <see cref="NotRunningException"/> when nobody answers and <see cref="WorldFailedException"/> when the answer fails otherwise.</remarks>
internal sealed class DaemonClient : IDaemon, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly HttpClient _http;
    private readonly string _socketPath;

    public DaemonClient(string socketPath)
    {
        _socketPath = socketPath;
        var handler = new SocketsHttpHandler
        {
            // A proxy of the environment has no business on a unix socket.
            UseProxy = false,
            ConnectCallback = async (_, stop) =>
            {
                for (var tries = 1; ; tries++)
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    try
                    {
                        await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), stop);
                        return new NetworkStream(socket, ownsSocket: true);
                    }
                    catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock && tries < 50)
                    {
                        // As many as may are waiting to be accepted (connect(2), EAGAIN): for a place among them there is no queue.
                        socket.Dispose();
                        await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, stop);
                    }
                    catch (SocketException)
                    {
                        socket.Dispose();
                        throw;
                    }
                }
            },
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://ringfence/v1/"), Timeout = Patience };
    }

    public ValueTask<StatusReport> StatusAsync(CancellationToken stop) => SendAsync(HttpMethod.Get, "status", null, ApiJson.Default.StatusReport, stop);

    public ValueTask<BansReport> BansAsync(CancellationToken stop) => SendAsync(HttpMethod.Get, "bans", null, ApiJson.Default.BansReport, stop);

    public ValueTask<WatchedListReport> WatchedAsync(CancellationToken stop) => SendAsync(HttpMethod.Get, "watched", null, ApiJson.Default.WatchedListReport, stop);

    public ValueTask<ChangeReport> BanAsync(BanRequest request, CancellationToken stop)
    {
        var body = new BanBody(request.Subject.ToString(), Seconds(request.For), request.For is null, request.Reason, request.Force, request.DryRun);
        return SendAsync(HttpMethod.Post, "bans", Json(body, ApiJson.Default.BanBody), ApiJson.Default.ChangeReport, stop);
    }

    public ValueTask<ChangeReport> UnbanAsync(Network subject, bool dryRun, CancellationToken stop) =>
        SendAsync(HttpMethod.Delete, $"bans/{subject}{Query(dryRun)}", null, ApiJson.Default.ChangeReport, stop);

    public ValueTask<TrustListReport> TrustedAsync(CancellationToken stop) => SendAsync(HttpMethod.Get, "trust", null, ApiJson.Default.TrustListReport, stop);

    public ValueTask<ChangeReport> TrustAsync(TrustRequest request, CancellationToken stop)
    {
        var body = new TrustBody(request.Subject.ToString(), Seconds(request.For), request.For is null, request.Reason, request.DryRun);
        return SendAsync(HttpMethod.Post, "trust", Json(body, ApiJson.Default.TrustBody), ApiJson.Default.ChangeReport, stop);
    }

    public ValueTask<ChangeReport> UntrustAsync(Network subject, bool dryRun, CancellationToken stop) =>
        SendAsync(HttpMethod.Delete, $"trust/{subject}{Query(dryRun)}", null, ApiJson.Default.ChangeReport, stop);

    public ValueTask<WhyReport> WhyAsync(Network subject, CancellationToken stop) =>
        SendAsync(HttpMethod.Get, $"why/{subject}", null, ApiJson.Default.WhyReport, stop);

    public ValueTask<NotifyTestReport> NotifyTestAsync(string? name, CancellationToken stop) =>
        SendAsync(HttpMethod.Post, name is null ? "notify/test" : $"notify/test/{Uri.EscapeDataString(name)}", null, ApiJson.Default.NotifyTestReport, stop);

    public ValueTask<FeedsReport> UpdateFeedsAsync(string? name, bool force, CancellationToken stop) =>
        SendAsync(HttpMethod.Post, $"feeds/update{(name is null ? "" : $"/{Uri.EscapeDataString(name)}")}{(force ? "?force=true" : "")}", null, ApiJson.Default.FeedsReport, stop);

    public ValueTask<OuterTestReport> OuterTestAsync(string name, CancellationToken stop) =>
        SendAsync(HttpMethod.Post, $"outer/test/{Uri.EscapeDataString(name)}", null, ApiJson.Default.OuterTestReport, stop);

    public ValueTask<OuterSyncReport> OuterSyncAsync(string name, CancellationToken stop) =>
        SendAsync(HttpMethod.Post, $"outer/sync/{Uri.EscapeDataString(name)}", null, ApiJson.Default.OuterSyncReport, stop);

    public ValueTask<DoorsClosedReport> CloseDoorAsync(string who, CancellationToken stop) =>
        SendAsync(HttpMethod.Delete, $"roaming/{Uri.EscapeDataString(who)}", null, ApiJson.Default.DoorsClosedReport, stop);

    public ValueTask<LiveCallsReport> LiveCallsAsync(CancellationToken stop) => SendAsync(HttpMethod.Get, "calls", null, ApiJson.Default.LiveCallsReport, stop);

    public ValueTask<LiftReport> LiftAsync(int? number, CancellationToken stop) =>
        SendAsync(HttpMethod.Delete, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"calls/stops/{(number is { } one ? $"{one}" : "all")}"), null, ApiJson.Default.LiftReport, stop);

    public void Dispose() => _http.Dispose();

    private static long? Seconds(TimeSpan? duration) => duration is { } length ? (long)length.TotalSeconds : null;

    private static string Query(bool dryRun) => dryRun ? "?dry_run=true" : "";

    private static ByteArrayContent Json<T>(T body, JsonTypeInfo<T> type) => new(JsonSerializer.SerializeToUtf8Bytes(body, type))
    {
        Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
    };

    private async ValueTask<T> SendAsync<T>(HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type, CancellationToken stop)
        where T : class
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        try
        {
            using var response = await _http.SendAsync(request, stop);
            var bytes = await response.Content.ReadAsByteArrayAsync(stop);
            return response.StatusCode == HttpStatusCode.OK
                ? JsonSerializer.Deserialize(bytes, type) ?? throw Odd("an empty answer")
                : throw Refusal(response.StatusCode, bytes);
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException socket)
        {
            throw Unreachable(socket);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ResponseEnded)
        {
            throw new WorldFailedException($"the daemon on {_socketPath} closed the connection without an answer: it takes no more at once; who has them: ss -xp | grep {_socketPath}", e);
        }
        catch (HttpRequestException e)
        {
            throw Odd(e.Message);
        }
        catch (JsonException e)
        {
            throw Odd(e.Message);
        }
        catch (TaskCanceledException e) when (!stop.IsCancellationRequested)
        {
            throw new WorldFailedException($"the daemon does not answer on {_socketPath} within {Patience.TotalSeconds} s: see journalctl -u ringfence", e);
        }
    }

    private Exception Refusal(HttpStatusCode status, byte[] body)
    {
        // 500 has no body: the daemon met a mistake of its own and logged it.
        if (body.Length == 0)
        {
            return Odd($"HTTP status {(int)status}");
        }

        var error = JsonSerializer.Deserialize(body, ApiJson.Default.ErrorReport)?.Error ?? $"HTTP status {(int)status}";
        return status is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError ? new RefusedException(error) : new WorldFailedException(error);
    }

    private WorldFailedException Odd(string what) => new($"the daemon on {_socketPath} gave an odd answer ({what}): see journalctl -u ringfence; are both of one version?");

    private Exception Unreachable(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.WouldBlock => new WorldFailedException(
            $"the daemon runs and does not answer on {_socketPath}: too many connections wait there; who has them: ss -xp | grep {_socketPath}", e),
        SocketError.AccessDenied => new WorldFailedException($"{_socketPath}: no permission to talk to the daemon: run as root, or join the group ringfence", e),
        _ when OneGuard.HolderOf(_socketPath) is { } process => new WorldFailedException(
            $"the daemon runs (process {process}) and does not answer on {_socketPath}: it starts, or can't listen there; see journalctl -u ringfence", e),
        _ => new NotRunningException(_socketPath, e),
    };
}

/// <summary>Nobody answers on the socket.</summary>
internal sealed class NotRunningException(string socketPath, Exception inner)
    : Exception($"the daemon does not run (nobody answers on {socketPath}); start it: systemctl start ringfence", inner)
{
    public string SocketPath => socketPath;
}
