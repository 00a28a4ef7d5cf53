using System.Net;
using System.Text;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Detection;
using Ringfence.Core.Pbx;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>Sends the canary again and again, and sees to it that a source that does not tell of it is found out.</summary>
/// <param name="account">Whom it asks for.</param>
/// <param name="watched">The logs that are read.</param>
internal sealed class CanaryWatch(RingfenceConfig config, string account, Pipeline pipeline, Func<IReadOnlyList<string>> watched, TimeProvider clock)
{
    // The sources have begun to read by then: a log in milliseconds, a manager's login on loopback in less than one.
    private static readonly TimeSpan First = TimeSpan.FromSeconds(3);

    // While something is wrong: 10 s, 20 s ... the interval. A PBX that starts behind the guard is known to answer soon, and a cure shows.
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(10);

    private volatile CanaryReport? _report;

    /// <summary>How the last one fared; null: none was sent.</summary>
    public CanaryReport? Report => _report;

    /// <summary>Asks the PBX; tests have their own.</summary>
    public Func<IPEndPoint, string, CancellationToken, Task<int?>> Ask { get; init; } =
        (pbx, callId, stop) => CanaryCall.AskAsync(pbx, callId, account, clock, stop);

    /// <summary>A part for <see cref="Supervisor"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await Task.Delay(First, clock, stop);
        var again = Again;
        while (true)
        {
            var isWell = await SendAsync(stop);
            var pause = isWell || again > config.Canary.Interval ? config.Canary.Interval : again;
            _report = _report! with { Next = clock.GetUtcNow() + pause };
            await Task.Delay(pause, clock, stop);
            again = isWell ? Again : again < config.Canary.Interval ? again * 2 : again;
        }
    }

    /// <summary>Sends one, and waits until each source must have told of it.</summary>
    /// <returns>Whether all is well.</returns>
    public async Task<bool> SendAsync(CancellationToken stop)
    {
        var files = new ConfigDirectory();
        if (UdpTransport.Find(config.AsteriskDirectory, files) is not { } pbx)
        {
            _report = new CanaryReport(null, account, null, null, null, null)
            {
                Note = $"none is sent: {config.AsteriskDirectory}/pjsip.conf has no transport over UDP with an address",
            };
            return true;
        }

        var callId = $"{Encoding.ASCII.GetString(CanaryBook.Mark)}{SystemRandom.Hex(16)}";
        var witnesses = CanaryWitnesses.Read(config, watched(), pbx, files, Environment.MachineName);
        var sent = await pipeline.InTurnAsync(() => Task.FromResult(Begin(callId, witnesses)), stop);
        var status = await Ask(pbx, callId, stop);
        var answered = clock.GetUtcNow();
        if (status is { } code)
        {
            await pipeline.InTurnAsync(
                () =>
                {
                    pipeline.Canaries.Answer(code);
                    return Task.FromResult(true);
                },
                stop);
        }

        _report = new CanaryReport(
            $"{pbx}", account, sent, status, status is null ? null : (long)(answered - sent).TotalMilliseconds,
            status is null ? $"Asterisk does not answer on {pbx} (UDP): is it running?" : null)
        {
            Note = status is null or 401 ? null : $"the PBX answers {status}, not 401: it tells its logs nothing of such a request (a global ACL, an endpoint that is known by this machine's address?)",
        };
        if (status is null)
        {
            return false;
        }

        await Task.Delay(CanaryBook.Patience + TimeSpan.FromSeconds(1), clock, stop);
        return await pipeline.InTurnAsync(() => Task.FromResult(pipeline.Canaries.IsWhole), stop);
    }

    // In turn.
    private DateTimeOffset Begin(string callId, CanaryWitnesses witnesses)
    {
        var now = clock.GetUtcNow();
        List<string> messages = [.. Names(pipeline.Hep?.Name), .. Names(pipeline.Wire?.Name)];
        List<string> read = [.. watched(), .. messages, .. Names(pipeline.Ami?.Name)];
        List<string> names = [.. witnesses.Logs, .. witnesses.Hep || IsMute(pipeline.Hep) ? Names(pipeline.Hep?.Name) : [], .. witnesses.Ami ? Names(pipeline.Ami?.Name) : [], .. witnesses.Wire ? Names(pipeline.Wire?.Name) : []];
        pipeline.Canaries.Send(Encoding.ASCII.GetBytes(callId), names.Select(pipeline.NumberOf), read.Select(pipeline.NumberOf), messages.Select(pipeline.NumberOf), now);
        return now;
    }

    // Of a receiver on loopback that nobody ever told anything: whoever set it up expects this PBX to. Who hears something hears it from another one perhaps
    // (Kamailio, OpenSIPS), which knows nothing of what is sent to this.
    private bool IsMute(HepReader? hep) => hep is { Packets: 0 } && config.Hep is { Listen: { } listen, Pbx.Count: 0 } && IPAddress.IsLoopback(listen.Address);

    private static IEnumerable<string> Names(string? name) => name is null ? [] : [name];
}
