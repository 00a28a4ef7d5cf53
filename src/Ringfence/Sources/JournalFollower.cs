using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Ringfence.Core.Configuration;
using Ringfence.Core.Parsing;

namespace Ringfence.Sources;

/// <summary>Follows what a door writes to systemd's journal, through <c>journalctl --follow --output=json</c>.</summary>
/// <remarks>
/// The program is the journal's stable interface; its files' format is not promised to old readers, and libsystemd would be one more library to have. journald's own
/// fields (_UID, _COMM, _SYSTEMD_UNIT) can't be forged, so the choice of lines is made with them. After a restart it goes on behind
/// the last entry, by journald's time; where that is still to come, the clock was set back, and it goes on from now.
/// </remarks>
/// <param name="position">Where the last run stopped; null: only what comes from now on is read.</param>
internal sealed class JournalFollower(DoorSettings door, ReadPosition? position, ChannelWriter<SourceBatch> batches, TimeProvider time)
{
    // A flood writes some hundred bytes an entry; one entry is never longer than this (its fields are few, and a message is bounded by the parser).
    private const int BufferBytes = 128 * 1024;

    // What a reader needs of it; the rest is read, or the program would wait for us, and dropped.
    private const int KeptWarnings = 4096;

    // The entries of several files are in order within moments; what is further back was written after the clock was set back.
    private const long StepMicros = 60_000_000;

    private readonly LogIdentity _identity = new(0, 0, 0);
    private readonly JournalEntry _entry = new();
    private long _lastMicros = position?.Offset ?? 0;
    private bool _isCatchingUp;
    private bool _isBegun;
    private volatile TailStatus _status = new(door.JournalName, TailState.Starting, null, time.GetUtcNow(), 0, 0, 0, 0, null);

    /// <summary>Looked up in PATH; tests have their own.</summary>
    public string Program { get; init; } = "journalctl";

    /// <summary>How it stands, as with a log. From any thread.</summary>
    public TailStatus Status => _status;

    /// <summary>The matches that choose the door's entries; those of one field are alternatives (journalctl(1)).</summary>
    public static IReadOnlyList<string> Matches(DoorSettings door) => (door.Kind, door.Journal) switch
    {
        // From 9.8 on it is sshd-session that refuses. Who is not root could call a program of his own so.
        (DoorKind.Sshd, "yes") => ["_UID=0", "_COMM=sshd", "_COMM=sshd-session"],
        (_, var unit) => [$"_SYSTEMD_UNIT={unit}"],
    };

    /// <summary>A part for the supervisor.</summary>
    /// <exception cref="IOException">journalctl can't be run, or has ended.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var process = Start();

        // Process.Dispose leaves streams alone that were asked for once.
        using var input = process.StandardInput;
        using var output = process.StandardOutput;
        using var errors = process.StandardError;
        var warnings = DrainAsync(errors.BaseStream, stop);
        try
        {
            input.Close();
            Say(TailState.Reading, null);
            await ReadAsync(output.BaseStream, stop);
            var said = await warnings;
            throw new IOException($"journalctl has ended{(said.Length > 0 ? ": " + Core.Pbx.Shown.Text(said.Trim(), 200) : "")}");
        }
        catch (IOException failure)
        {
            Say(TailState.Unreadable, $"{door.JournalName}: {failure.Message}");
            throw;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }

            await ((Task)warnings).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<string> DrainAsync(Stream errors, CancellationToken stop)
    {
        var kept = new byte[KeptWarnings];
        var rest = new byte[KeptWarnings];
        for (var length = 0; ;)
        {
            var read = await errors.ReadAsync(length < kept.Length ? kept.AsMemory(length) : rest, stop);
            if (read == 0)
            {
                return Encoding.UTF8.GetString(kept, 0, length);
            }

            length = Math.Min(kept.Length, length + read);
        }
    }

    private Process Start()
    {
        if (_lastMicros > NewestMicros)
        {
            _lastMicros = 0;
        }

        _isCatchingUp = _lastMicros > 0;
        IReadOnlyList<string> from = _lastMicros > 0
            ? ["--no-tail", string.Create(CultureInfo.InvariantCulture, $"--since=@{_lastMicros / 1_000_000}.{_lastMicros % 1_000_000:D6}")]
            : ["--lines=0"];
        var start = new ProcessStartInfo(Program, ["--follow", "--quiet", "--output=json", "--output-fields=MESSAGE,SYSLOG_IDENTIFIER,_COMM", .. from, .. Matches(door)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        try
        {
            return Process.Start(start) ?? throw new IOException("journalctl can't be run");
        }
        catch (Win32Exception problem)
        {
            var failure = new IOException($"journalctl can't be run: {problem.Message}", problem);
            Say(TailState.Unreadable, $"{door.JournalName}: {failure.Message}");
            throw failure;
        }
    }

    private async Task ReadAsync(Stream output, CancellationToken stop)
    {
        var half = Array.Empty<byte>();
        while (true)
        {
            var pooled = ArrayPool<byte>.Shared.Rent(BufferBytes + half.Length);
            half.CopyTo(pooled, 0);
            var read = await output.ReadAsync(pooled.AsMemory(half.Length, BufferBytes), stop);
            var length = half.Length + read;
            var whole = pooled.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;

            // Nothing that is half: its other half would come with another position. An entry without end is dropped.
            half = length - whole > BufferBytes ? [] : pooled.AsSpan(whole, length - whole).ToArray();
            if (read == 0 || whole == 0)
            {
                ArrayPool<byte>.Shared.Return(pooled);
                if (read == 0)
                {
                    return;
                }

                continue;
            }

            var from = SkipKnown(pooled.AsSpan(0, whole));
            pooled.AsSpan(from, whole - from).CopyTo(pooled);
            var batch = new RawBatch(door.JournalName, _identity, 0, pooled, whole - from)
            {
                StartsFile = !_isBegun,
                Kept = new ReadPosition(door.JournalName, 0, 0, _lastMicros, 0, 0),
            };
            _isBegun = true;
            _status = _status with { Bytes = _status.Bytes + whole, LastRead = time.GetUtcNow() };
            await batches.WriteAsync(batch, stop);
        }
    }

    // By the machine's clock as it is: it may be set forward at any time.
    private long NewestMicros => ((time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond) + StepMicros;

    // "--since" is not "after": the entries of the last moment come again. So do those of before the clock was set back, whose time is still to come: they were read then.
    private int SkipKnown(ReadOnlySpan<byte> lines)
    {
        var from = 0;
        var newest = NewestMicros;
        var known = _lastMicros;
        for (var at = 0; at < lines.Length;)
        {
            var end = at + lines[at..].IndexOf((byte)'\n');
            if (_entry.Read(lines[at..end]))
            {
                var micros = (_entry.TimeTicks - DateTime.UnixEpoch.Ticks) / 10;
                _isCatchingUp &= micros <= known || micros > newest;
                if (_isCatchingUp)
                {
                    from = end + 1;
                }
                else
                {
                    _lastMicros = micros > _lastMicros || micros < _lastMicros - StepMicros ? micros : _lastMicros;
                }
            }

            at = end + 1;
        }

        return from;
    }


    private void Say(TailState state, string? problem)
    {
        _status = _status with { State = state, Problem = problem, Since = state == _status.State ? _status.Since : time.GetUtcNow() };
    }
}
