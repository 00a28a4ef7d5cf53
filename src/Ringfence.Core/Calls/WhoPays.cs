using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Calls;

/// <summary>Whose a call to outside is: who dialled it, sent it on, or transferred it.</summary>
internal sealed class WhoPays(LiveChannels channels, DiallingRules rules)
{
    /// <summary>What no phone began: a program's call, a call file's.</summary>
    public const string Nobody = CallAttempt.Originated;

    // Local channels that dial one another: a dialplan has two or three.
    private const int MostSteps = 10;

    /// <param name="dialler">null: nobody dials it.</param>
    public (string Extension, CallOrigin Origin) Of(LiveChannel? dialler, LiveChannel leg)
    {
        return channels.Find(leg.Id)?.SentOn ?? (dialler is null ? (Nobody, CallOrigin.Phone) : Of(dialler));
    }

    /// <summary>Of what the channel dials.</summary>
    public (string Extension, CallOrigin Origin) Of(LiveChannel dialler)
    {
        var (known, other) = (channels.Find(dialler.Id), channels.OtherEnd(dialler.Name));
        if ((known?.SentOn ?? other?.SentOn) is { } sentOn)
        {
            return sentOn;
        }

        var own = channels.Payer(dialler);
        var isLocal = LiveChannels.IsLocal(dialler.Name);
        if (!isLocal && !channels.IsOutside(dialler.Name))
        {
            // A trunk that is in no file looks like a phone; where callers dial on it is told apart.
            return (own, known is { DialsOn: true } && channels.Kind(dialler.Name) is null ? CallOrigin.DialledOn : CallOrigin.Phone);
        }

        var story = channels.StoryOf(dialler.Linked);
        if (isLocal && other is { DialledBy: "" } && Behind(other, story) is { } behind)
        {
            return behind;
        }

        return story is { IsFromOutside: true } ? FromOutside(dialler, known, story, isLocal) : (FromInside(other, story) is { Length: > 0 } caller ? caller : isLocal ? Nobody : own, CallOrigin.Phone);
    }

    /// <summary>A phone that it dialled answered 302.</summary>
    public void Redirected(LiveChannel dialler, LiveChannel phone, string to)
    {
        if (channels.Find(dialler.Id) is { } known)
        {
            known.Redirect = (LiveChannels.Endpoint(phone.Name), to[(to.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        }
    }

    /// <summary>A channel dials another.</summary>
    public void Dials(LiveChannel dialler, LiveChannel dialled, string text)
    {
        if (channels.Find(dialler.Id) is not { } known || channels.Find(dialled.Id) is not { } leg)
        {
            return;
        }

        leg.DialledBy = dialler.Id;
        if (known.Redirect is var (phone, to) && (text == to || text.StartsWith($"{to}@", StringComparison.Ordinal)))
        {
            (leg.SentOn, known.Redirect) = ((phone, CallOrigin.Forwarded), null);
        }

        if (!LiveChannels.IsLocal(dialled.Name) && !channels.IsTrunk(dialled.Name))
        {
            known.Dialled = LiveChannels.Endpoint(dialled.Name);
        }
    }

    /// <summary>A blind transfer.</summary>
    /// <param name="whom">null: all who are left of a conference.</param>
    /// <param name="to">The extension.</param>
    public void Transferred(LiveChannel who, LiveChannel? whom, string to)
    {
        var (transferrer, story) = (channels.Payer(who), channels.StoryOf(who.Linked));
        var isOutside = channels.IsOutside(who.Name);
        if (whom is null)
        {
            if (story is not null && !isOutside)
            {
                story.Transferrer = transferrer;
            }

            return;
        }

        // Who is put through inside is there; what is forwarded from there is its forwarding.
        if (channels.Find(whom.Id) is { } known)
        {
            var isInside = to.Length > 1 && rules.Read(to, NumberPlans.BuiltIn).Kind == DialledKind.Internal && channels.IsTrunk(whom.Name);
            if (isInside)
            {
                (known.SentOn, known.Inside, known.DialsOn) = (null, to, false);
            }
            else if (!isOutside)
            {
                known.SentOn = (transferrer, CallOrigin.Phone);
            }
            else if (story is { Root: { Length: > 0 } root } && !root.Contains('@', StringComparison.Ordinal))
            {
                // The other side may send anybody on that it talks to: who called it pays, or who called from there.
                known.SentOn = (root, story.IsFromOutside ? CallOrigin.DialledOn : CallOrigin.Phone);
            }
        }
    }

    /// <summary>Somebody has the other side wait, or no longer.</summary>
    public void Holds(LiveChannel channel, bool isOn)
    {
        if (channels.StoryOf(channel.Linked) is { } story && !LiveChannels.IsLocal(channel.Name) && !channels.IsTrunk(channel.Name))
        {
            story.Holder = isOn ? (LiveChannels.Endpoint(channel.Name), channel.Id) : story.Holder.Id == channel.Id ? ("", "") : story.Holder;
        }
    }

    // A Local channel that nobody dials, by its other end: keys that transfer make it (Asterisk has the other side wait from the first key on), a program, a call file.
    private static (string, CallOrigin)? Behind(KnownChannel other, ChannelStory? story) =>
        story?.Holder.Phone is { Length: > 0 } holder ? (holder, CallOrigin.Phone)
        : story?.Transferrer is { Length: > 0 } transferrer ? (transferrer, CallOrigin.Phone)
        : other.Dialled is { Length: > 0 } phone ? (phone, CallOrigin.Phone)
        : null;

    private string FromInside(KnownChannel? other, ChannelStory? story)
    {
        for (var (at, step) = (other, 0); at is { DialledBy: { Length: > 0 } id } && step < MostSteps; step++)
        {
            if (channels.Find(id)?.Seen is not { } dialler)
            {
                break;
            }

            if (!LiveChannels.IsLocal(dialler.Name))
            {
                return channels.Payer(dialler);
            }

            at = channels.OtherEnd(dialler.Name);
        }

        return story?.Root is { Length: > 0 } root && !root.Contains('@', StringComparison.Ordinal) ? root : "";
    }

    private (string Extension, CallOrigin Origin) FromOutside(LiveChannel dialler, KnownChannel? known, ChannelStory story, bool isLocal)
    {
        // Digits are heard once the call is answered: the number that it is at then, and that is none of the site's, is what the caller said himself.
        if (known is { DialsOn: true }
            || (!isLocal && dialler.State == LiveChannel.Up && rules.Read(dialler.Exten, NumberPlans.BuiltIn) is { Kind: DialledKind.Outside } said && said != rules.Read(story.Did, NumberPlans.BuiltIn)))
        {
            return (story.Root!, CallOrigin.DialledOn);
        }

        // The dialplan forwards: what was called last inside is whose forwarding it is. Who dialled on at an IVR or DISA called nobody's.
        var inside = known?.Inside is { Length: > 0 } at ? at : channels.Find(dialler.Linked)?.Inside ?? "";
        return inside.Length > 0 ? (inside, CallOrigin.Forwarded) : (story.Root!, isLocal || dialler.Exten == story.Did ? CallOrigin.Forwarded : CallOrigin.DialledOn);
    }
}
