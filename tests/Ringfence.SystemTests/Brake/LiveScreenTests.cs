using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Brake;

/// <summary><c>calls live</c> on a terminal of its own.</summary>
public sealed partial class LiveScreenTests : OfficeLab
{
    private const string Leave = "\e[?25h\e[?1049l";

    [Fact]
    public async Task A_narrow_terminal_shows_a_call_and_its_cost_ticking_and_a_wider_one_all_of_it_and_q_gives_the_terminal_back()
    {
        await using var office = await OpenAsync();
        await (await office.PhoneAsync("1001")).CallAsync($"9{Dear}");
        await using var screen = Terminal.Start(office.Guard, 40, 14);

        Assert.True(await screen.ShowsAsync(frame => Cost().Match(frame) is { Success: true } match && Money(match) >= 1, Stop), screen.Heard);
        var first = Money(Cost().Match(screen.Frame));
        Assert.True(await screen.ShowsAsync(frame => Cost().Match(frame) is { Success: true } match && Money(match) > first, Stop), screen.Heard);
        Assert.All(screen.Frame.Split("\r\n"), static line => Assert.InRange(Escapes().Replace(line, "").Length, 0, 40));

        await screen.ResizeAsync(120, 30, Stop);
        Assert.True(await screen.ShowsAsync(static frame => Regex.IsMatch(frame, "1001 +\\+23279000001 +SL .*trunk-ip", RegexOptions.None, TimeSpan.FromSeconds(1)), Stop), screen.Heard);

        await screen.TypeAsync("q");
        await screen.IsGivenBackAsync(Stop);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ctrl_C_and_SIGTERM_give_the_terminal_back(bool isSignal)
    {
        await using var office = await OpenAsync();
        await using var screen = Terminal.Start(office.Guard, 80, 24);
        Assert.True(await screen.ShowsAsync(static frame => frame.Contains("q: leave", StringComparison.Ordinal), Stop), screen.Heard);

        if (isSignal)
        {
            await screen.TerminateAsync(Stop);
        }
        else
        {
            await screen.TypeAsync("\x03");
        }

        await screen.IsGivenBackAsync(Stop);
    }

    [GeneratedRegex("""^1001 .*?(?<money>\d+\.\d\d)\s*(\e|$)""", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Cost();

    [GeneratedRegex("\e\\[[?0-9;]*[A-Za-z]", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Escapes();

    private static decimal Money(Match match) => decimal.Parse(match.Groups["money"].Value, CultureInfo.InvariantCulture);

    /// <summary>script(1) makes the terminal, and a shell tells how it was before and after.</summary>
    private sealed class Terminal : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly StringBuilder _heard = new();
        private readonly Task _reading;

        private Terminal(Process process)
        {
            _process = process;
            _reading = ReadAsync();
        }

        public static Terminal Start(GuardProcess guard, int columns, int rows)
        {
            // Ctrl-C goes to all of a terminal: dash would end by it, where bash waits and goes on.
            var shell = $"trap : INT; stty rows {rows} cols {columns}; echo before=$(stty -g); sh -c 'echo pid=$$ tty=$(tty); exec {RingfenceProgram.Path} calls live --config {guard.ConfigPath}'; echo code=$?; echo after=$(stty -g); echo done=";
            return new Terminal(Process.Start(new ProcessStartInfo("script", ["-qec", shell, "/dev/null"]) { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false })!);
        }

        public string Heard
        {
            get
            {
                lock (_heard)
                {
                    return _heard.ToString();
                }
            }
        }

        /// <summary>The last whole one.</summary>
        public string Frame => Heard.Split("\e[H") is { Length: > 2 } frames ? frames[^2] : "";

        public Task<bool> ShowsAsync(Func<string, bool> what, CancellationToken stop) => Eventually.HoldsAsync(() => Task.FromResult(what(Frame)), Patience, stop);

        public async Task TypeAsync(string keys)
        {
            await _process.StandardInput.WriteAsync(keys);
            await _process.StandardInput.FlushAsync();
        }

        public async Task ResizeAsync(int columns, int rows, CancellationToken stop) => await ToolRun.OfAsync(["stty", "-F", Said("tty"), "cols", $"{columns}", "rows", $"{rows}"], Patience, stop);

        public async Task TerminateAsync(CancellationToken stop) => await ToolRun.OfAsync(["kill", "-TERM", Said("pid")], Patience, stop);

        /// <summary>It ended well, and what stood there before stands there again.</summary>
        public async Task IsGivenBackAsync(CancellationToken stop)
        {
            Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(Heard.Contains("done=", StringComparison.Ordinal)), Patience, stop), Heard);
            Assert.Equal("0", Said("code"));
            Assert.Equal(Said("before").Split(':')[..4], Said("after").Split(':')[..4]);
            Assert.Contains(Leave, Heard, StringComparison.Ordinal);
            Assert.True(Heard.LastIndexOf(Leave, StringComparison.Ordinal) > Heard.LastIndexOf("\e[H", StringComparison.Ordinal), Heard);
        }

        public async ValueTask DisposeAsync()
        {
            await Running.EndAsync([_process]);
            await _reading;
        }

        private string Said(string name) => Regex.Match(Heard, $"{name}=(\\S+)", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups[1].Value;

        private async Task ReadAsync()
        {
            var buffer = new char[4096];
            var output = _process.StandardOutput;
            while (await output.ReadAsync(buffer) is > 0 and var read)
            {
                lock (_heard)
                {
                    _heard.Append(buffer, 0, read);
                }
            }
        }
    }
}
