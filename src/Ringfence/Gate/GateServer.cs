using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Fraud;
using Ringfence.Core.Gate;
using Ringfence.Core.Numbers;
using Ringfence.Core.Pbx;

namespace Ringfence.Gate;

/// <summary>Answers Asterisk's question whether a call may leave: a FastAGI server. Without an answer the dialplan decides by itself (docs/gate.md).</summary>
internal sealed partial class GateServer(GateSettings settings, IGate gate, DiallingRules rules, Tariff tariff, Pins pins, TimeProvider clock, ILogger log)
{
    // Asterisk has a thread for each call: so many that ask at once are more than any PBX carries.
    private const int MostConnections = 1024;
    private const int LongestWhy = 200;
    private const int RowOfProblem = 10;

    // Three prompts and what is typed after each; whoever takes longer has given no PIN.
    private static readonly TimeSpan LongestTalk = TimeSpan.FromSeconds(90);

    // A talk holds a connection for that long, and one phone may call many times at once.
    private const int MostTalks = 2;

    // A call whose trunk fails asks again for the next one, and its caller has typed his PIN.
    private const long PinHolds = 60_000;

    private readonly Dictionary<string, int> _talks = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Id, string Number), long> _given = [];
    private long _asked;
    private long _denied;
    private long _failed;
    private volatile Silence? _unanswered;

    /// <summary>Calls that were decided about.</summary>
    public long Asked => Volatile.Read(ref _asked);

    public long Denied => Volatile.Read(ref _denied);

    /// <summary>Connections that got no verdict.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Why calls are not decided about, for people; null: they are, or now and then one is not, as where somebody hangs up meanwhile.</summary>
    public string? Problem => _unanswered is { Row: >= RowOfProblem } now ? $"the gate gave the last {now.Row} calls no verdict, and the dialplan decided by itself: {now.Why}" : null;

    /// <summary>A part for the supervisor.</summary>
    /// <exception cref="IOException">It can't listen there.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var listener = Listen(settings.Listen!);
        await ServeAsync(listener, stop);
    }

    /// <exception cref="IOException">It can't listen there.</exception>
    public static Socket Listen(IPEndPoint address)
    {
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // Connections of the guard before are in TIME_WAIT for a minute.
            listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.Bind(address);
            listener.Listen(MostConnections);
            return listener;
        }
        catch (SocketException problem)
        {
            listener.Dispose();
            throw new IOException($"{address}: the gate can't listen there: {problem.Message}; set another listen in [gate], and print the dialplan again", problem);
        }
    }

    /// <param name="listener">It listens.</param>
    internal async Task ServeAsync(Socket listener, CancellationToken stop)
    {
        using var room = new SemaphoreSlim(MostConnections);
        var open = new ConcurrentDictionary<Task, bool>();
        try
        {
            while (true)
            {
                await room.WaitAsync(stop);
                var connection = await listener.AcceptAsync(stop);
                var answer = AnswerAsync(connection, room, stop);
                open[answer] = true;
                _ = RemoveAsync(answer, open);
            }
        }
        finally
        {
            await Task.WhenAll(open.Keys);
        }
    }

    // One that failed stays, and is told when the server ends.
    private static async Task RemoveAsync(Task answer, ConcurrentDictionary<Task, bool> open)
    {
        await answer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (answer.IsCompletedSuccessfully)
        {
            open.TryRemove(answer, out _);
        }
    }

    private async Task AnswerAsync(Socket connection, SemaphoreSlim room, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var timer = clock.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), limit, LongestTalk, Timeout.InfiniteTimeSpan);
        GateCall? let = null;
        var mayAsk = false;
        try
        {
            using (connection)
            {
                mayAsk = MayAsk(connection.RemoteEndPoint);
                if (!mayAsk)
                {
                    throw new AgiException("not one of allow");
                }

                connection.NoDelay = true;
                var session = new AgiSession(connection);
                timer.Change(settings.Timeout, Timeout.InfiniteTimeSpan);
                var request = await session.RequestAsync(limit.Token);
                timer.Change(LongestTalk, Timeout.InfiniteTimeSpan);
                var call = GateCall.Of(request.Arguments) ?? throw new AgiException("the dialplan is of another version: write it anew with `ringfence calls gate --print`");
                let = call;
                var decision = await DecideAsync(session, call, limit.Token);
                let = decision.IsAllowed ? call : null;
                foreach (var command in decision.Commands())
                {
                    await session.DoAsync(command, limit.Token);
                }

                let = null;
                Interlocked.Increment(ref _asked);
                _unanswered = null;
                if (!decision.IsAllowed)
                {
                    Interlocked.Increment(ref _denied);
                    Denies(log, Shown.Text(call.Extension), Shown.Text(call.Dialled), Shown.Text(decision.Why, LongestWhy));
                }
            }
        }
        catch (Exception problem) when (problem is AgiException or IOException or SocketException or OperationCanceledException)
        {
            Interlocked.Increment(ref _failed);
            if (mayAsk && !stop.IsCancellationRequested)
            {
                _unanswered = new Silence((_unanswered?.Row ?? 0) + 1, Why(problem));
            }

            if (let is not null)
            {
                gate.Drop(let.Id, Now);
            }

            if (!stop.IsCancellationRequested)
            {
                Unanswered(log, let is null ? "a connection" : Shown.Text(let.Channel), Why(problem));
            }
        }
        finally
        {
            room.Release();
        }
    }

    // Anybody on the machine may connect, and write what he likes.
    private static string Why(Exception problem) => problem is OperationCanceledException ? "it took too long" : Shown.Text(problem.Message, LongestWhy);

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private bool MayAsk(EndPoint? who) =>
        who is IPEndPoint { Address: var address } && (IPAddress.IsLoopback(address) || (Address.From(address) is var source && settings.Allow.Any(network => network.Contains(source))));

    private async Task<GateDecision> DecideAsync(AgiSession session, GateCall call, CancellationToken stop)
    {
        var attempt = call.Attempt(Now, rules, NumberPlans.BuiltIn, tariff);
        if (attempt.Dialled.Kind == DialledKind.Unreadable)
        {
            return GateDecision.Deny(GateDecision.NoNumber, "not a number");
        }

        if (rules.IsInside(call.Trunk))
        {
            return GateDecision.Of(GateAnswer.Fine);
        }

        var hasPin = HasGiven((call.Id, attempt.Dialled.ToString()), attempt.At);
        var wants = settings.Pins.Wants(attempt, rules.Home.Region) && !hasPin;
        var answer = wants ? default : gate.Ask(call.Id, attempt, hasPin);
        if (!wants && answer.Verdict != GateVerdict.AskPin)
        {
            return GateDecision.Of(answer);
        }

        if (await AskPinAsync(session, attempt, stop) is { } refused)
        {
            return refused;
        }

        attempt = call.Attempt(Now, rules, NumberPlans.BuiltIn, tariff);
        lock (_given)
        {
            _given[(call.Id, attempt.Dialled.ToString())] = attempt.At;
        }

        return GateDecision.Of(gate.Ask(call.Id, attempt, hasPin: true));
    }

    private bool HasGiven((string Id, string Number) call, long now)
    {
        lock (_given)
        {
            foreach (var (old, at) in _given)
            {
                if (now - at is < 0 or > PinHolds)
                {
                    _given.Remove(old);
                }
            }

            return _given.ContainsKey(call);
        }
    }

    // null: he gave it.
    private async Task<GateDecision?> AskPinAsync(AgiSession session, CallAttempt attempt, CancellationToken stop)
    {
        var extension = attempt.Extension;
        lock (_talks)
        {
            if (_talks.GetValueOrDefault(extension) >= MostTalks)
            {
                return GateDecision.Deny(GateDecision.Rejected, $"{MostTalks} calls of extension {extension} are asked for a PIN already");
            }

            _talks[extension] = _talks.GetValueOrDefault(extension) + 1;
        }

        try
        {
            return await TalkAsync(session, attempt, stop);
        }
        finally
        {
            lock (_talks)
            {
                if (--_talks[extension] == 0)
                {
                    _talks.Remove(extension);
                }
            }
        }
    }

    private async Task<GateDecision?> TalkAsync(AgiSession session, CallAttempt attempt, CancellationToken stop)
    {
        var extension = attempt.Extension;

        // Until he has given it, and whatever becomes of the talk: no verdict at all would be the dialplan's own to give, and it lets calls home through.
        foreach (var command in GateDecision.Deny(GateDecision.Rejected, "no PIN was given").Commands())
        {
            await session.DoAsync(command, stop);
        }

        if (!pins.Has(extension))
        {
            return GateDecision.Deny(GateDecision.Rejected, $"extension {extension} has no PIN");
        }

        // The dialplan's own limit is for a gate that does not answer; this one does, and waits for a person.
        await session.DoAsync(AgiCommand.SetVariable("TIMEOUT(absolute)", ((int)LongestTalk.TotalSeconds).ToString(CultureInfo.InvariantCulture)), stop);

        // Keys of a phone whose call was not answered yet do not always arrive.
        await session.DoAsync(AgiCommand.Answer, stop);
        for (var time = 0; time < Pins.TriesOfCall; time++)
        {
            if (pins.LockedUntil(extension, Now) is not null)
            {
                return GateDecision.Deny(GateDecision.Rejected, $"too many wrong PINs for extension {extension}");
            }

            var typed = await session.DoAsync(AgiCommand.GetData(settings.PinPrompt, Pins.TypingMilliseconds, PinBook.MostDigits), stop);
            if (typed.Result is "-1")
            {
                throw new AgiException($"the caller has gone, or Asterisk has no sound {settings.PinPrompt} (pin_prompt of [gate])");
            }

            // Who types nothing guesses nothing.
            if (typed.Result.Length == 0)
            {
                return GateDecision.Deny(GateDecision.Rejected, "no PIN was given");
            }

            if (pins.Try(extension, typed.Result, Now))
            {
                return null;
            }

            gate.See(new SiteEvent(SiteEventKind.PinRefused, Now, extension, "", Origin: attempt.Origin));
        }

        return GateDecision.Deny(GateDecision.Rejected, $"a wrong PIN for extension {extension}");
    }

    /// <param name="Row">Calls one after the other that got no verdict.</param>
    private sealed record Silence(int Row, string Why);

    [LoggerMessage(3101, LogLevel.Information, "gate: {Extension} may not call {Number}: {Why}")]
    private static partial void Denies(ILogger log, string extension, string number, string why);

    [LoggerMessage(3102, LogLevel.Warning, "gate: {Channel} got no verdict, the dialplan decides by itself: {Why}")]
    private static partial void Unanswered(ILogger log, string channel, string why);
}
