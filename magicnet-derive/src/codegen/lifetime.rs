//! Gives the lifetimes in a type another name.

use syn::visit_mut::{self, VisitMut};
use syn::{
    AngleBracketedGenericArguments, GenericArgument, Lifetime, PathArguments, PathSegment, Type,
    TypeReference,
};

/// `ty` with `lifetime` for each of its lifetimes, those that are left out included where we know of them.
pub(crate) fn with_lifetime(ty: &Type, lifetime: &Lifetime) -> Type {
    let mut ty = ty.clone();
    Renamer { lifetime }.visit_type_mut(&mut ty);
    ty
}

struct Renamer<'a> {
    lifetime: &'a Lifetime,
}

impl VisitMut for Renamer<'_> {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        lifetime.ident = self.lifetime.ident.clone();
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        reference.lifetime.get_or_insert_with(|| self.lifetime.clone());
        visit_mut::visit_type_reference_mut(self, reference);
    }

    /// `Text<64>`: the one type of ours that borrows.
    fn visit_path_segment_mut(&mut self, segment: &mut PathSegment) {
        visit_mut::visit_path_segment_mut(self, segment);
        if segment.ident == "Text"
            && let PathArguments::AngleBracketed(list) = &mut segment.arguments
            && !has_lifetime(list)
        {
            list.args.insert(0, GenericArgument::Lifetime(self.lifetime.clone()));
        }
    }
}

fn has_lifetime(list: &AngleBracketedGenericArguments) -> bool {
    list.args.iter().any(|argument| matches!(argument, GenericArgument::Lifetime(_)))
}
