using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Gate;
using Ringfence.Core.Numbers;
using Ringfence.Core.Pbx;

namespace Ringfence.Gate;

/// <summary>Answers Asterisk's question whether a call may leave: a FastAGI server. Without an answer the dialplan decides by itself (docs/gate.md).</summary>
/// <remarks>
/// One thread answers all calls, each as far as it has said what it wants: a decision takes microseconds, and what a connection costs is the waking of threads. With a task for each a call took
/// 390 µs of processor time and 4 ms at the 99th percentile where it takes 310 µs and 2 ms so (bench/gate at 1,000 a second on one core, the same day). Only who is asked for a PIN is waited for,
/// by a task of his own.
/// </remarks>
internal sealed partial class GateServer(GateSettings settings, IGate gate, DiallingRules rules, Tariff tariff, Pins pins, TimeProvider clock, ILogger log)
{
    // Asterisk has a thread for each call: so many that ask at once are more than any PBX carries.
    private const int MostConnections = 1024;
    private const int LongestWhy = 200;
    private const int RowOfProblem = 10;

    // So soon it is known that the guard is to end, and who has said nothing for too long.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly GateDecider _decider = new(settings, gate, rules, tariff, clock);
    private readonly PinTalk _pinTalk = new(settings, gate, pins, clock);

    // The thread's own.
    private readonly Dictionary<Socket, GateConnection> _open = [];
    private bool _isShort;

    private readonly ConcurrentDictionary<Task, bool> _talks = [];
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
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    internal async Task ServeAsync(Socket listener, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            await Task.Factory.StartNew(() => Serve(listener, ending.Token), CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
        }
        finally
        {
            // Where it failed: while a talk lasts nobody begins to serve again.
            await ending.CancelAsync();
            foreach (var left in _open.Values.ToList())
            {
                Fails(left, new OperationCanceledException(), stop);
                left.Dispose();
            }

            _open.Clear();
            await Task.WhenAll(_talks.Keys);
        }

        stop.ThrowIfCancellationRequested();
    }

    private void Serve(Socket listener, CancellationToken stop)
    {
        listener.Blocking = false;
        var ready = new List<Socket>();
        var lookedAt = clock.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            ready.Clear();
            ready.AddRange(_open.Keys);
            if (_open.Count < MostConnections && !_isShort)
            {
                ready.Add(listener);
            }

            if (ready.Count > 0)
            {
                Socket.Select(ready, null, null, Look);
            }
            else
            {
                stop.WaitHandle.WaitOne(Look);
            }

            foreach (var socket in ready)
            {
                if (socket != listener)
                {
                    Goes(_open[socket], stop);
                }
                else if (Accept(listener) is { } connection)
                {
                    // What it asks is mostly there by now.
                    _open[connection.Socket] = connection;
                    Goes(connection, stop);
                }
            }

            if (clock.GetElapsedTime(lookedAt) >= Look)
            {
                lookedAt = clock.GetTimestamp();
                _isShort = false;
                EndLate(stop);
            }
        }
    }

    private GateConnection? Accept(Socket listener)
    {
        Socket connection;
        try
        {
            connection = listener.Accept();
        }
        catch (SocketException problem) when (problem.SocketErrorCode is SocketError.WouldBlock or SocketError.ConnectionAborted or SocketError.ConnectionReset)
        {
            // It has gone already.
            return null;
        }
        catch (SocketException problem) when (problem.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
        {
            // It waits on, and would be told of at once again.
            _isShort = true;
            Misses("a connection", problem.Message);
            return null;
        }

        if (!MayAsk(connection.RemoteEndPoint))
        {
            connection.Dispose();
            Interlocked.Increment(ref _failed);
            Unanswered(log, "a connection", "not one of allow");
            return null;
        }

        connection.Blocking = false;
        connection.NoDelay = true;
        return new GateConnection(connection, clock.GetTimestamp());
    }

    private void EndLate(CancellationToken stop)
    {
        // Where there is no room left, who is silent makes some for who is not: Asterisk writes all that it asks at once.
        var (silent, told) = _open.Count < MostConnections ? (settings.Timeout, PinTalk.Longest) : (Look, settings.Timeout);
        foreach (var late in _open.Values.Where(one => clock.GetElapsedTime(one.Since) > (one.Decision is null ? silent : told)).ToList())
        {
            End(late);
            Fails(late, new OperationCanceledException(), stop);
        }
    }

    private void End(GateConnection connection)
    {
        _open.Remove(connection.Socket);
        connection.Dispose();
    }

    // As far as it goes with what has come.
    private void Goes(GateConnection connection, CancellationToken stop)
    {
        try
        {
            if (Answers(connection, stop))
            {
                End(connection);
                Answered(connection);
            }
        }
        catch (Exception problem) when (problem is AgiException or IOException or SocketException)
        {
            End(connection);
            Fails(connection, problem, stop);
        }
    }

    private bool Answers(GateConnection connection, CancellationToken stop)
    {
        if (!connection.Session.Receive())
        {
            return false;
        }

        if (connection.Call is not null)
        {
            return connection.Goes();
        }

        if (connection.Session.Request() is not { } request)
        {
            return false;
        }

        connection.Call = GateCall.Of(request.Arguments) ?? throw new AgiException("the dialplan is of another version: write it anew with `ringfence calls gate --print`");
        if (_decider.Decide(connection.Call) is { } decision)
        {
            connection.Tell(decision);
        }
        else if (_talks.Count >= MostConnections)
        {
            connection.Tell(GateDecision.Deny(GateDecision.Rejected, "too many callers are asked for their PINs"));
        }
        else
        {
            _open.Remove(connection.Socket);
            var talk = TalkAsync(connection, stop);
            _talks[talk] = true;
            _ = RemoveAsync(talk);
        }

        return false;
    }

    // One that failed stays, and is told when the server ends.
    private async Task RemoveAsync(Task talk)
    {
        await talk.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (talk.IsCompletedSuccessfully)
        {
            _talks.TryRemove(talk, out _);
        }
    }

    private async Task TalkAsync(GateConnection connection, CancellationToken stop)
    {
        // Not in the thread that all others wait for.
        await Task.Yield();
        using var longest = new CancellationTokenSource(PinTalk.Longest, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop, longest.Token);
        try
        {
            using (connection)
            {
                var (session, call) = (connection.Session, connection.Call!);
                connection.Tell(await _pinTalk.AskAsync(session, _decider.Attempt(call), limit.Token) ?? _decider.DecideWithPin(call));
                while (!connection.Goes())
                {
                    await session.ReceiveAsync(limit.Token);
                }

                Answered(connection);
            }
        }
        catch (Exception problem) when (problem is AgiException or IOException or SocketException or OperationCanceledException)
        {
            Fails(connection, problem, stop);
        }
    }

    private void Answered(GateConnection connection)
    {
        var (call, decision) = (connection.Call!, connection.Decision!);
        Interlocked.Increment(ref _asked);
        _unanswered = null;
        if (!decision.IsAllowed)
        {
            Interlocked.Increment(ref _denied);
            Denies(log, Shown.Text(call.Extension), Shown.Text(call.Dialled), Shown.Text(decision.Why, LongestWhy));
        }
    }

    private void Fails(GateConnection connection, Exception problem, CancellationToken stop)
    {
        Interlocked.Increment(ref _failed);
        if (connection is { MayBeOut: true, Call: { } call })
        {
            gate.Drop(call.Id);
        }

        if (!stop.IsCancellationRequested)
        {
            Misses(connection.Call is { } who ? Shown.Text(who.Channel) : "a connection", Why(problem));
        }
    }

    private void Misses(string who, string why)
    {
        _unanswered = new Silence((_unanswered?.Row ?? 0) + 1, why);
        Unanswered(log, who, why);
    }

    // Anybody on the machine may connect, and write what he likes.
    private static string Why(Exception problem) => problem is OperationCanceledException ? "it took too long" : Shown.Text(problem.Message, LongestWhy);

    private bool MayAsk(EndPoint? who) =>
        who is IPEndPoint { Address: var address } && (IPAddress.IsLoopback(address) || (Address.From(address) is var source && settings.Allow.Any(network => network.Contains(source))));

    /// <param name="Row">Calls one after the other that got no verdict.</param>
    private sealed record Silence(int Row, string Why);

    [LoggerMessage(3101, LogLevel.Information, "gate: {Extension} may not call {Number}: {Why}")]
    private static partial void Denies(ILogger log, string extension, string number, string why);

    [LoggerMessage(3102, LogLevel.Warning, "gate: {Channel} got no verdict, the dialplan decides by itself: {Why}")]
    private static partial void Unanswered(ILogger log, string channel, string why);
}
