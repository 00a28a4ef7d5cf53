using Ringfence.Core.Configuration;
namespace Ringfence.Output;

/// <summary>A bar on stderr for work that takes longer than a second; nothing at all where stderr is no terminal.</summary>
/// <remarks>Drawn by the worker itself: call <see cref="Report"/> per block of work, not per line. It looks at the clock and draws at most ten times a second.</remarks>
internal sealed class Progress : IDisposable
{
    private const int BarWidth = 30;
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);
    private readonly PrintSettings _settings;
    private readonly string _what;
    private readonly long _total;
    private readonly long _started;
    private TimeSpan _next = Silence;
    private bool _isDrawn;

    /// <param name="total">The amount that is all of it, in any unit; 0: not known, so no bar but a growing number.</param>
    public Progress(PrintSettings settings, string what, long total)
    {
        _settings = settings;
        _what = what;
        _total = total;
        _started = settings.Clock.GetTimestamp();
    }

    /// <param name="done">The amount done so far.</param>
    public void Report(long done)
    {
        if (!_settings.IsErrorTerminal)
        {
            return;
        }

        var elapsed = _settings.Clock.GetElapsedTime(_started);
        if (elapsed < _next)
        {
            return;
        }

        _next = elapsed + Between;
        _isDrawn = true;
        _settings.Error.Write($"\r{Terminal.Safe(_what)} {Bar(done, elapsed)}\e[K");
    }

    /// <summary>Takes the bar away.</summary>
    public void Dispose()
    {
        if (_isDrawn)
        {
            _settings.Error.Write("\r\e[K");
        }
    }

    private string Bar(long done, TimeSpan elapsed)
    {
        if (_total <= 0)
        {
            return $"{done}";
        }

        var share = Math.Clamp((double)done / _total, 0, 1);
        var full = (int)(share * BarWidth);
        var left = share > 0.01 ? $" {Duration.Words(elapsed * ((1 - share) / share))} left" : "";
        return $"[{new string('#', full)}{new string('.', BarWidth - full)}] {(int)(share * 100)} %{left}";
    }
}
