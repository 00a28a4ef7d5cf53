using System.Buffers;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>The page's refusals as a door of the machine tells its own: who goes on guessing there is banned as elsewhere, and who is trusted is not.</summary>
internal static class PageDoor
{
    private static readonly DoorSettings Settings = new()
    {
        Name = "page",
        Kind = DoorKind.Pattern,
        Logs = ["/the page"],

        // Nobody guesses a drawn password, and the page makes him wait by itself: a ban is for programs. A person who has his wrong does not press twenty times in ten minutes, and
        // his phones at home are behind the same address.
        Refusals = 20,
        Window = TimeSpan.FromMinutes(10),
        Patterns = [LinePattern.Read("page refused <HOST>$").Pattern!],
    };

    // Of no file.
    private static readonly LogIdentity Identity = new(ulong.MaxValue, ulong.MaxValue, 0);

    /// <summary>The configuration with it, for whoever reads what doors tell.</summary>
    public static RingfenceConfig Beside(RingfenceConfig config) => config.Roaming.Page.Listen is null ? config : config with { Doors = [.. config.Doors, Settings] };

    /// <summary>Tells of a try that was refused; an address is all that stands there, and nothing that anybody typed.</summary>
    public static async ValueTask TellAsync(Address source, ChannelWriter<SourceBatch> batches, TimeProvider clock, CancellationToken stop)
    {
        var line = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow().UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} page refused {source}\n"));
        var pooled = ArrayPool<byte>.Shared.Rent(line.Length);
        line.CopyTo(pooled, 0);
        await batches.WriteAsync(new RawBatch(Settings.Logs[0], Identity, 0, pooled, line.Length) { IsFresh = true, IsLate = true }, stop);
    }
}
