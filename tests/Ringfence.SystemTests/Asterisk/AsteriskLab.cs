using System.Diagnostics;
using System.Text;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>A real Asterisk in namespaces of its own, started once for all tests of a class (lab/asterisk hold): the classes stand side by side.</summary>
/// <remarks>The script ends everything when its standard input ends, so that nothing stays even if this process is killed.</remarks>
public sealed class AsteriskLab : IAsyncLifetime
{
    private readonly string _configuration;

    public AsteriskLab()
        : this(Repository.File("lab", "conf"))
    {
    }

    /// <param name="configuration">A directory of its files.</param>
    internal AsteriskLab(string configuration) => _configuration = configuration;

    /// <summary>The PBX's addresses towards the world and towards its phones.</summary>
    public const string World = "10.80.0.1";
    public const string World6 = "2001:db8:80::1";
    public const string Office = "10.81.0.1";
    public const string Office6 = "2001:db8:81::1";

    /// <summary>Providers: one known by its address alone, one that logs in.</summary>
    public const string TrunkByAddress = "203.0.113.10";
    public const string TrunkByPassword = "203.0.113.11";

    // The first use downloads 45 MB.
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan EndLimit = TimeSpan.FromMinutes(1);

    private readonly StringBuilder _said = new();
    private Process? _script;
    private string? _missing;
    private string _name = "";
    private string _directory = "";

    /// <summary>The password of a phone in lab/conf/pjsip.conf.</summary>
    public static string PasswordOf(string account) => $"Lab-{account}-w7Kq3Vz";

    /// <summary>An attacker's address; each test takes its own, since a ban is remembered.</summary>
    /// <param name="number">1 to 60.</param>
    public static string Attacker(int number) => $"198.51.100.{number}";

    /// <summary>An attacker in an IPv6 /64 of its own.</summary>
    /// <param name="number">1 to 9.</param>
    public static string Attacker6(int number) => $"2001:db8:bad:{number}::7";

    /// <param name="number">11 to 40.</param>
    public static string Phone(int number) => $"10.81.0.{number}";

    /// <param name="number">11 to 20.</param>
    public static string Phone6(int number) => $"2001:db8:81::{number}";

    /// <summary>etc/, log/ and bin/asterisk of this Asterisk, as the host sees them.</summary>
    internal string Directory => _directory;

    /// <param name="name">pbx, att or cli.</param>
    internal string Namespace(string name) => $"{_name}-{name}";

    internal string Log(string name) => Path.Combine(_directory, "log", name);

    /// <summary>Skips the test (fails it under CI) where the laboratory could not be started, with its reason.</summary>
    internal void Require()
    {
        if (_missing is not null)
        {
            Requires.Missing(_missing);
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            _missing = "needs root (network namespaces, a real Asterisk)";
            return;
        }

        var start = new ProcessStartInfo(Repository.File("lab", "asterisk"), ["hold", _configuration])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _script = Process.Start(start) ?? throw new InvalidOperationException("lab/asterisk did not start");
        _script.ErrorDataReceived += (_, line) => _said.AppendLine(line.Data);
        _script.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(StartLimit);
        while (await _script.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Split(' ', 3) is ["ready", var name, var directory])
            {
                (_name, _directory) = (name, directory);
                return;
            }
        }

        await _script.WaitForExitAsync(limit.Token);
        _missing = $"no Asterisk: {_said.ToString().Trim()}";
    }

    public async ValueTask DisposeAsync()
    {
        if (_script is null)
        {
            return;
        }

        _script.StandardInput.Close();
        using var limit = new CancellationTokenSource(EndLimit);
        try
        {
            await _script.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"lab/asterisk did not end within {EndLimit.TotalSeconds} s: {_said}", e);
        }
        finally
        {
            _script.Dispose();
        }
    }

    /// <summary>A command of Asterisk's console.</summary>
    /// <returns>What it printed.</returns>
    internal async Task<string> CliAsync(string command, CancellationToken stop)
    {
        var run = await ToolRun.OfAsync([Path.Combine(_directory, "bin", "asterisk"), "-rx", command], TimeSpan.FromSeconds(10), stop);
        return run.ExitCode == 0 ? run.Output : throw new InvalidOperationException($"asterisk -rx \"{command}\": {run.Said}");
    }

    /// <summary>Runs a program in a namespace.</summary>
    /// <param name="name">pbx, att or cli.</param>
    internal Task<ToolRun> RunAsync(string name, IReadOnlyList<string> command, TimeSpan limit, CancellationToken stop)
        => ToolRun.OfAsync(["ip", "netns", "exec", Namespace(name), .. command], limit, stop);

    /// <summary>Runs an attack tool so that its packets leave with this attacker's address.</summary>
    internal Task<ToolRun> AttackAsync(string source, IReadOnlyList<string> command, TimeSpan limit, CancellationToken stop)
        => ToolRun.CutAsync(
            ["env", $"RINGFENCE_LAB={_name}", Repository.File("lab", "asterisk"), "as", source, .. command], limit, stop);

    /// <summary>Waits until a log holds a text that stood not before <paramref name="from"/>; Asterisk writes its logs from a thread of its own.</summary>
    /// <param name="from">Byte offset, from <see cref="LengthOf"/>.</param>
    /// <returns>What was appended since; the test says what it should hold, if it never came.</returns>
    internal async Task<string> AppendedAsync(string log, long from, string text, CancellationToken stop)
    {
        var appended = "";
        await Eventually.HoldsAsync(
            async () => (appended = await ReadFromAsync(Log(log), from, stop)).Contains(text, StringComparison.Ordinal),
            TimeSpan.FromSeconds(30),
            stop);
        return appended;
    }

    /// <summary>How often a log holds a text behind <paramref name="from"/> by now.</summary>
    internal async Task<int> CountAsync(string log, long from, string text, CancellationToken stop) => (await ReadFromAsync(Log(log), from, stop)).Split(text).Length - 1;

    internal long LengthOf(string log) => new FileInfo(Log(log)).Length;

    internal SipClient Attack(string source, SipTransport transport, int port = 0)
        => SipClient.Open(Namespace("att"), source, source.Contains(':', StringComparison.Ordinal) ? World6 : World, transport, port);

    internal SipClient PhoneAt(string source, SipTransport transport)
        => SipClient.Open(Namespace("cli"), source, source.Contains(':', StringComparison.Ordinal) ? Office6 : Office, transport);

    private static async Task<string> ReadFromAsync(string path, long from, CancellationToken stop)
    {
        if (!File.Exists(path))
        {
            return "";
        }

        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(from, SeekOrigin.Begin);
        using var reader = new StreamReader(file, Encoding.Latin1);
        return await reader.ReadToEndAsync(stop);
    }
}
